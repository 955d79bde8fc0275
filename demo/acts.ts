import { CABLES, COFFEE, DESK, HAMMOCK, LAMP } from './baskets.js';
import { ComponentCustomer, HostedCustomer } from './customers.js';
import { expectThat, until } from './demo.failure.js';
import type { Purchase } from './purchase.js';
import type { Scenes } from './scenes.js';

export const GOOD_CARD = '4242 4242 4242 4242';
const OTHER_GOOD_CARD = '5555 5555 5555 4444';
const REFUSED_CARD = '4000 0000 0000 0002';
/** Less than the three days that a voucher is good for. */
const DAYS_UNTIL_PAID = 2;

/** The story until the subscription. Each act makes one purchase. */
export const ACTS: readonly ((scenes: Scenes) => Promise<void>)[] = [
  customerPays,
  cardIsDeclinedFirst,
  natsIsAway,
  customerPaysInComponent,
  cashAtTheShop,
];

async function customerPays(scenes: Scenes): Promise<void> {
  scenes.terminal.heading('1. A customer pays');
  const purchase = await scenes.order(DESK, [
    'the orders service asks for create.payment.session over NATS,',
    'gets the address of a payment page, and hands it to the shop',
  ]);
  const customer = await openPaymentPage(scenes, purchase);
  await payOnPage(scenes, customer, GOOD_CARD);
  await scenes.webhooks(purchase);
  await scenes.paymentSucceeded(purchase);
  await scenes.eventsArrive(purchase);
  await scenes.orderPaid(purchase);
}

async function cardIsDeclinedFirst(scenes: Scenes): Promise<void> {
  const { terminal } = scenes;
  terminal.heading('2. A card is declined, another one pays');
  const purchase = await scenes.order(LAMP);
  const customer = await openPaymentPage(scenes, purchase);
  const { version } = await purchase.payment();
  await terminal.step(
    `the customer types ${REFUSED_CARD}`,
    () => customer.beRefusedWith(REFUSED_CARD),
    (problem) => ({ text: `Types ${REFUSED_CARD}`, details: [`the page says: “${problem}”`] }),
  );
  await scenes.webhooksMeanwhile(purchase);
  await terminal.step(
    'the payment is looked at',
    async () => {
      const payment = await until({
        what: 'the refusal to be recorded',
        read: () => purchase.payment(),
        holds: (now) => now.version > version,
      });
      expectThat(payment.status === 'created', `after a declined card the payment is ${payment.status}`);
      await purchase.staysPending();
    },
    () => ({ text: 'Not the end: the payment stays open, the order PENDING' }),
  );
  await payOnPage(scenes, customer, OTHER_GOOD_CARD);
  await paidAsAlways(scenes, purchase);
}

async function natsIsAway(scenes: Scenes): Promise<void> {
  const { cast, terminal } = scenes;
  terminal.heading('3. NATS is killed while a customer pays');
  const purchase = await scenes.order(CABLES);
  const customer = await openPaymentPage(scenes, purchase);
  await terminal.step(
    'nats-server is killed',
    async () => {
      await cast.nats.kill();
      await natsMissing(scenes, true);
    },
    () => ({ text: 'kill -9 nats-server; /health/ready stays 200 and says what is away' }),
  );
  await cast.stripe.sendWebhooks(2);
  await payOnPage(scenes, customer, GOOD_CARD);
  await scenes.webhooks(purchase);
  await scenes.paymentSucceeded(purchase);
  await terminal.step(
    'the order is looked at',
    () => purchase.staysPending(),
    () => ({ text: 'Order still PENDING: its events wait in the outbox' }),
  );
  await cast.stripe.sendWebhooks(1);
  await terminal.step(
    'nats-server is started again',
    () => cast.nats.restart(),
    () => ({ text: 'nats-server is back' }),
  );
  await terminal.step(
    'the events leave the outbox',
    () => purchase.paidWithReceipt(),
    (receipt) => ({
      text: terminal.style('bold', 'Order PAID, with its receipt: nothing was lost'),
      details: [receipt],
    }),
  );
  await natsMissing(scenes, false);
}

async function customerPaysInComponent(scenes: Scenes): Promise<void> {
  scenes.terminal.heading('4. A customer pays in a component on our page');
  const purchase = await scenes.order(HAMMOCK, [
    'the shop wants the payment form inside a page: ui embedded',
  ]);
  const customer = await openOurPage(scenes, purchase);
  await scenes.pay(
    `the customer types ${GOOD_CARD} in the frame`,
    () => customer.payWith(GOOD_CARD),
    ({ frame, result }) => ({
      text: `Pays with ${GOOD_CARD}, typed in the frame`,
      details: [`the frame says: “${frame}”`, `our page asks our own records: “${result}”`],
    }),
  );
  await paidAsAlways(scenes, purchase);
  await pageSaysSo(scenes, customer);
}

async function cashAtTheShop(scenes: Scenes): Promise<void> {
  const { terminal } = scenes;
  terminal.heading('5. Cash at the shop');
  const purchase = await scenes.order(COFFEE);
  const customer = await openOurPage(scenes, purchase);
  const shown = await terminal.step(
    'the customer chooses cash in the frame',
    () => customer.chooseCash(),
    (reference) => ({ text: `Chooses cash in the frame: reference ${reference}` }),
  );
  await scenes.webhooksMeanwhile(purchase);
  await terminal.step(
    'our page shows the voucher',
    async () => {
      await purchase.becomes('pending');
      await purchase.staysPending();
      return customer.seeVoucher(shown);
    },
    (headline) => ({
      text: `Our page shows that reference: “${headline}”`,
      details: ['the payment waits, the order is still PENDING'],
    }),
  );
  const { provider, session } = purchase;
  const { checkoutId } = session;
  expectThat(checkoutId !== undefined, 'the session does not name its checkout');
  await provider.passTime(DAYS_UNTIL_PAID);
  await scenes.pay(
    'a shop takes the money',
    () => provider.takeCash(checkoutId),
    () => ({ text: `${DAYS_UNTIL_PAID} days later, by ${provider.name}'s clock, a shop takes the money` }),
  );
  await paidAsAlways(scenes, purchase);
  await pageSaysSo(scenes, customer);
}

function openPaymentPage({ terminal }: Scenes, purchase: Purchase): Promise<HostedCustomer> {
  return terminal.step(
    'the customer opens the payment page',
    () => HostedCustomer.open(purchase),
    ({ button }) => ({ text: `The customer opens that page. Its button says “${button}”` }),
  );
}

async function payOnPage(scenes: Scenes, customer: HostedCustomer, card: string): Promise<void> {
  await scenes.pay(
    `the customer types ${card}`,
    () => customer.returnAfterPayingWith(card),
    (headline) => ({ text: `Pays with ${card}`, details: [`and returns to our page: “${headline}”`] }),
  );
}

function openOurPage(scenes: Scenes, purchase: Purchase): Promise<ComponentCustomer> {
  return scenes.openOurPage(() => ComponentCustomer.open(purchase), purchase.provider);
}

async function paidAsAlways(scenes: Scenes, purchase: Purchase): Promise<void> {
  await scenes.webhooks(purchase);
  await scenes.paymentSucceeded(purchase);
  await scenes.orderPaid(purchase);
}

/** The page that the customer paid on has news, too. */
async function pageSaysSo({ terminal }: Scenes, customer: ComponentCustomer): Promise<void> {
  await terminal.step(
    'the customer looks again',
    async () => {
      const headline = await customer.lookAgain();
      expectThat(headline === 'Payment received', `our page still says “${headline}”`);
      return headline;
    },
    (headline) => ({ text: `Our page now says “${headline}”` }),
  );
}

async function natsMissing({ cast }: Scenes, missing: boolean): Promise<void> {
  await until({
    what: `/health/ready to say that NATS is ${missing ? 'away' : 'there'}`,
    read: () => cast.payments.degraded(),
    holds: (degraded) => degraded.includes('nats') === missing,
  });
}
