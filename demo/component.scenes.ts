import { ComponentCustomer } from './component.customer.js';
import { expectThat } from './demo.failure.js';
import type { Purchase } from './purchase.js';
import type { Scenes } from './scenes.js';

/** Less than the three days that a voucher is good for. */
const DAYS_UNTIL_PAID = 2;

export function openOurPage({ terminal }: Scenes, purchase: Purchase): Promise<ComponentCustomer> {
  return terminal.step(
    'the customer opens our page',
    () => ComponentCustomer.open(purchase),
    ({ headline, button }) => ({
      text: `The customer opens our page: “${headline}”`,
      details: [`the form in it is ${purchase.provider.name}'s, in a frame: “${button}”`],
    }),
  );
}

export async function payInFrame(scenes: Scenes, customer: ComponentCustomer, card: string): Promise<void> {
  await scenes.pay(
    `the customer types ${card} in the frame`,
    () => customer.payWith(card),
    ({ frame, result }) => ({
      text: `Pays with ${card}, typed in the frame`,
      details: [`the frame says: “${frame}”`, `our page asks our own records: “${result}”`],
    }),
  );
}

/** @returns the reference */
export function chooseCash({ terminal }: Scenes, customer: ComponentCustomer): Promise<string> {
  return terminal.step(
    'the customer chooses cash in the frame',
    () => customer.chooseCash(),
    (reference) => ({ text: `Chooses cash in the frame: reference ${reference}` }),
  );
}

export async function voucherIsShown(
  { terminal }: Scenes,
  customer: ComponentCustomer,
  reference: string,
): Promise<void> {
  const { purchase } = customer;
  await terminal.step(
    'our page shows the voucher',
    async () => {
      await purchase.becomes('pending');
      await purchase.staysPending();
      return customer.seeVoucher(reference);
    },
    (headline) => ({
      text: `Our page shows that reference: “${headline}”`,
      details: ['the payment waits, the order is still PENDING'],
    }),
  );
}

export async function shopTakesCash(scenes: Scenes, { purchase }: ComponentCustomer): Promise<void> {
  const { provider, session } = purchase;
  const { checkoutId } = session;
  expectThat(checkoutId !== undefined, 'the session does not name its checkout');
  await provider.passTime(DAYS_UNTIL_PAID);
  await scenes.pay(
    'a shop takes the money',
    () => provider.takeCash(checkoutId),
    () => ({ text: `${DAYS_UNTIL_PAID} days later, by ${provider.name}'s clock, a shop takes the money` }),
  );
}

/** The page that the customer paid on has news, too. */
export async function pageSaysSo({ terminal }: Scenes, customer: ComponentCustomer): Promise<void> {
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
