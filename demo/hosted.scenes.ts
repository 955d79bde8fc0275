import { HostedCustomer } from './hosted.customer.js';
import type { Purchase } from './purchase.js';
import type { Scenes } from './scenes.js';

export function openPaymentPage({ terminal }: Scenes, purchase: Purchase): Promise<HostedCustomer> {
  return terminal.step(
    'the customer opens the payment page',
    () => HostedCustomer.open(purchase),
    ({ button }) => ({ text: `The customer opens that page. Its button says “${button}”` }),
  );
}

export async function beRefused({ terminal }: Scenes, customer: HostedCustomer, card: string): Promise<void> {
  await terminal.step(
    `the customer types ${card}`,
    () => customer.beRefusedWith(card),
    (problem) => ({ text: `Types ${card}`, details: [`the page says: “${problem}”`] }),
  );
}

export async function payOnPage(scenes: Scenes, customer: HostedCustomer, card: string): Promise<void> {
  await scenes.pay(
    `the customer types ${card}`,
    () => customer.returnAfterPayingWith(card),
    (headline) => ({ text: `Pays with ${card}`, details: [`and returns to our page: “${headline}”`] }),
  );
}
