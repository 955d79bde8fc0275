import { setTimeout as delay } from 'node:timers/promises';
import { type Basket, BLANKET, DESK } from './baskets.js';
import type { Cast } from './demo.house.js';
import { Purchase } from './purchase.js';
import { priceOf } from './scenes.js';
import type { Terminal } from './terminal.js';

const LOOK_EVERY_MS = 500;

/** After the story everything stays up, with orders for the reader to pay. Goes on until the signal. */
export async function keepOpen(cast: Cast, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { payments, orders, stripe, conekta, nats } = cast;
  const rows = [
    ['orders', `${orders.url}/`],
    ['this service', `${payments.url}/docs`],
    ['stand-in Stripe', `${stripe.url}/_sandbox/state`],
    ['stand-in Conekta', `${conekta.url}/_sandbox/state`],
    ['NATS', nats.url],
  ];
  // Whoever pays now pays today.
  await conekta.returnToToday();
  terminal.heading('Now you');
  for (const [what = '', url = ''] of rows) terminal.line(`  ${what.padEnd(18)}${url}`);
  terminal.line('\n  Open these pages in a browser and pay yourself.');
  terminal.dim('  Ctrl-C ends everything and leaves nothing behind.');
  const offers: Offer[] = [];
  for (const basket of [DESK, BLANKET]) offers.push(await offer(cast, terminal, basket));
  while (!signal.aborted) {
    for (const [at, { purchase, basket }] of offers.entries()) {
      if (!(await isPaid(purchase, terminal))) continue;
      offers[at] = await offer(cast, terminal, basket);
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

interface Offer {
  readonly basket: Basket;
  readonly purchase: Purchase;
}

async function offer(cast: Cast, terminal: Terminal, basket: Basket): Promise<Offer> {
  const { purchase, order } = await Purchase.begin(cast, basket);
  const { provider, session } = purchase;
  terminal.line(`\n  ${priceOf(order)} with ${provider.name}:`);
  terminal.line(`  ${terminal.style('underline', session.url)}`);
  if (session.checkoutId !== undefined) {
    terminal.dim('  Whoever chooses cash there is also the shop that takes it:');
    terminal.dim(`  curl -X POST ${provider.cashUrl(session.checkoutId)}`);
  }
  return { basket, purchase };
}

async function isPaid(purchase: Purchase, terminal: Terminal): Promise<boolean> {
  const { status, receipts } = await purchase.order();
  if (status !== 'PAID') return false;
  const receipt = receipts[0]?.receiptUrl ?? '';
  terminal.line(`\n  ${terminal.style('green', '✓')} Order PAID. Thank you! ${receipt}`);
  return true;
}
