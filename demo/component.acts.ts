import { COFFEE, HAMMOCK } from './baskets.js';
import {
  chooseCash,
  openOurPage,
  pageSaysSo,
  payInFrame,
  shopTakesCash,
  voucherIsShown,
} from './component.scenes.js';
import type { Scenes } from './scenes.js';

const GOOD_CARD = '4242 4242 4242 4242';

export async function customerPaysInComponent(scenes: Scenes): Promise<void> {
  scenes.terminal.heading('4. A customer pays in a component on our page');
  const purchase = await scenes.order(HAMMOCK, [
    'the shop wants the payment form inside a page: ui embedded',
  ]);
  const customer = await openOurPage(scenes, purchase);
  await payInFrame(scenes, customer, GOOD_CARD);
  await scenes.webhooks(purchase);
  await scenes.paymentSucceeded(purchase);
  await scenes.orderPaid(purchase);
  await pageSaysSo(scenes, customer);
}

export async function cashAtTheShop(scenes: Scenes): Promise<void> {
  scenes.terminal.heading('5. Cash at the shop');
  const purchase = await scenes.order(COFFEE);
  const customer = await openOurPage(scenes, purchase);
  const reference = await chooseCash(scenes, customer);
  await scenes.webhooksMeanwhile(purchase);
  await voucherIsShown(scenes, customer, reference);
  await shopTakesCash(scenes, customer);
  await scenes.webhooks(purchase);
  await scenes.paymentSucceeded(purchase);
  await scenes.orderPaid(purchase);
  await pageSaysSo(scenes, customer);
}
