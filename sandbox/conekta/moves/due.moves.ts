import type { CheckoutRecord, ConektaWorld, OrderRecord } from '../conekta.world.js';
import { goOn } from './billing.cycle.js';
import { expireOrder, voidOrder } from './order.ends.js';
import { isUnpaid, waitingCharges } from './status.moves.js';

/** How long a bank holds money that nobody captures. */
const AUTHORIZATION_SECONDS = 7 * 24 * 60 * 60;

interface Due {
  at: number;
  play: () => void;
}

/** Everything whose time has come happens, the earliest first, each as if it were its own moment now. */
export function playDue(world: ConektaWorld): void {
  const now = world.clock.seconds();
  const orders = [...world.orders.values()].flatMap((record) => dueOf(world, record));
  const links = [...world.checkouts.values()].flatMap((record) => dueOfLink(record));
  const late = [...orders, ...links].filter(({ at }) => at <= now).sort((a, b) => b.at - a.at);
  for (;;) {
    const end = late.at(-1);
    // Only subscriptions go on and on: what one of them does makes the next thing due.
    const bill = nextBill(world);
    const next = bill && bill.at <= (end?.at ?? now) ? bill : late.pop();
    if (!next) return;
    world.clock.at(next.at, next.play);
  }
}

function nextBill(world: ConektaWorld): Due | undefined {
  let first: Due | undefined;
  for (const record of world.subscriptions.values()) {
    const { dueAt: at } = record;
    if (at !== null && (!first || at < first.at)) first = { at, play: () => goOn(world, record) };
  }
  return first;
}

function dueOf(world: ConektaWorld, record: OrderRecord): Due[] {
  const { order } = record;
  if (order.payment_status === 'pre_authorized') {
    return [{ at: order.updated_at + AUTHORIZATION_SECONDS, play: () => voidOrder(world, record) }];
  }
  if (!isUnpaid(order)) return [];
  const at = order.checkout?.expires_at ?? lastVoucher(record);
  return at === undefined ? [] : [{ at, play: () => expireOrder(world, record) }];
}

/** When the last of the vouchers that were handed out by the API runs out. */
function lastVoucher({ order }: OrderRecord): number | undefined {
  const ends = waitingCharges(order).flatMap(({ payment_method: method }) =>
    'expires_at' in method ? [method.expires_at] : [],
  );
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function dueOfLink({ checkout, orderId }: CheckoutRecord): Due[] {
  if (orderId !== null || checkout.status !== 'Issued') return [];
  return [{ at: checkout.expires_at, play: () => (checkout.status = 'Expired') }];
}
