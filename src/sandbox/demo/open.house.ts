import { setTimeout as delay } from 'node:timers/promises';
import { DESK } from './acts.js';
import type { Cast } from './demo.house.js';
import { Purchase } from './purchase.js';
import type { Terminal } from './terminal.js';

const LOOK_EVERY_MS = 500;

/** After the story everything stays up, with an order for the reader to pay. Goes on until the signal. */
export async function keepOpen(cast: Cast, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { payments, orders, provider, nats } = cast;
  const rows = [
    ['orders', `${orders.url}/`],
    ['this service', `${payments.url}/docs`],
    ['stand-in Stripe', `${provider.url}/_sandbox/state`],
    ['NATS', nats.url],
  ];
  terminal.heading('Now you');
  for (const [what = '', url = ''] of rows) terminal.line(`  ${what.padEnd(17)}${url}`);
  while (!signal.aborted) {
    const { purchase, order } = await Purchase.begin(cast, DESK);
    terminal.line(`\n  Open this page in a browser and pay ${order.totalAmount.toFixed(2)} USD yourself:`);
    terminal.line(`  ${terminal.style('underline', purchase.payUrl)}`);
    terminal.dim('  Ctrl-C ends everything and leaves nothing behind.');
    await paidByHand(purchase, terminal, signal);
  }
}

async function paidByHand(purchase: Purchase, terminal: Terminal, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { status, receipts } = await purchase.order();
    if (status === 'PAID') {
      const receipt = receipts[0]?.receiptUrl ?? '';
      terminal.line(`\n  ${terminal.style('green', '✓')} Order PAID. Thank you! ${receipt}`);
      return;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
