import type { CardOutcome } from '../checkout.acts.js';
import type { Plan } from '../conekta.types.js';
import type { BillingCycle, ConektaWorld, OrderRecord, SubscriptionRecord } from '../conekta.world.js';
import { newOrder } from '../objects/order.object.js';
import { chargeCard } from './card.payment.js';
import { addOrder } from './order.create.js';
import { payerOf } from './payer.moves.js';
import { setOrder } from './status.moves.js';
import { cancelSubscription, setSubscription } from './subscription.status.js';

const HOUR = 60 * 60;

/** What has become due of a subscription: its trial is over, its cycle has ended, or a try is due. */
export function goOn(world: ConektaWorld, record: SubscriptionRecord): void {
  const { status, billing_cycle_end: end } = record.subscription;
  if (status === 'past_due') return payCycle(world, record, { planned: true });
  if (isComplete(record)) return cancelSubscription(world, record, 'completed');
  startCycle(world, record, end ?? world.clock.seconds());
}

/**
 * Begins a cycle and charges it.
 * @param start seconds since the epoch; where the cycle before has ended, cycles are counted as they were
 */
export function startCycle(world: ConektaWorld, record: SubscriptionRecord, start: number): void {
  const { plan, cycle: last, subscription } = record;
  const continues = last !== null && start === subscription.billing_cycle_end && isAlike(last.plan, plan);
  const anchor = continues ? last.anchor : start;
  const count = continues ? last.count + 1 : 1;
  const order = newCycleOrder(world, record);
  record.cycle = {
    plan,
    record: order,
    anchor,
    count,
    failures: 0,
    paid: last?.plan === plan ? last.paid : 0,
  };
  subscription.billing_cycle_start = start;
  subscription.billing_cycle_end = cycleEnd(anchor, plan, count);
  subscription.last_billing_cycle_order_id = order.order.id;
  payCycle(world, record, { planned: true });
}

/**
 * Tries to charge the cycle that waits for its money.
 * @param planned false for a try that somebody asked for: those that are planned stay as they are
 */
export function payCycle(
  world: ConektaWorld,
  record: SubscriptionRecord,
  { planned }: { planned: boolean },
): void {
  const { cycle, subscription } = record;
  if (cycle === null) throw new Error(`no cycle of ${subscription.id} has begun`);
  const outcome = chargeCycle(world, cycle.record, subscription.card_id);
  const charge_id = cycle.record.order.charges?.data[0]?.id ?? null;
  if (outcome.kind === 'paid') {
    cycle.paid += 1;
    record.dueAt = Math.max(subscription.billing_cycle_end ?? 0, world.clock.seconds());
    return setSubscription(world, record, { status: 'active', charge_id }, 'subscription.paid');
  }
  setSubscription(world, record, { status: 'past_due', charge_id }, 'subscription.payment_failed');
  if (planned) planRetry(world, record, cycle);
}

/** Every cycle that the plan has was paid. */
export function isComplete({ plan, cycle }: SubscriptionRecord): boolean {
  return cycle?.plan === plan && plan.expiry_count !== null && cycle.paid >= plan.expiry_count;
}

function planRetry(world: ConektaWorld, record: SubscriptionRecord, cycle: BillingCycle): void {
  cycle.failures += 1;
  if (cycle.failures > cycle.plan.max_retries) return cancelSubscription(world, record, 'payment_failed');
  record.dueAt = world.clock.seconds() + cycle.plan.retry_delay_hours * HOUR;
}

function chargeCycle(world: ConektaWorld, order: OrderRecord, cardId: string): CardOutcome {
  const held = world.sources.get(cardId)?.card;
  if (held) {
    return chargeCard(world, order, { held, language: 'es', byCheckout: false, unattended: true });
  }
  setOrder(world, order.order, 'declined', 'order.declined');
  return { kind: 'declined', code: 'card_deleted', message: 'La tarjeta ya no existe.' };
}

/** The plan in one line. Nothing in it says to which subscription it belongs: that knows the order's id. */
function newCycleOrder(world: ConektaWorld, { plan, subscription }: SubscriptionRecord): OrderRecord {
  const params = {
    currency: plan.currency,
    customer_info: { customer_id: subscription.customer_id },
    line_items: [{ name: plan.name, unit_price: plan.amount, quantity: 1 }],
  };
  return addOrder(world, { order: newOrder(world, params, payerOf(world, params.customer_info)), params });
}

function isAlike(one: Plan, other: Plan): boolean {
  return one.interval === other.interval && one.frequency === other.frequency;
}

const DAY = 24 * 60 * 60;
const DAYS = { week: 7, half_month: 15 };
const MONTHS = { month: 1, year: 12 };

/**
 * When the `count`-th cycle since the anchor ends, in seconds since the epoch. Months end on the anchor's
 * day, or on their last one where they have no such day; all by the UTC calendar.
 */
export function cycleEnd(
  anchor: number,
  { interval, frequency }: Pick<Plan, 'interval' | 'frequency'>,
  count: number,
): number {
  if (interval === 'week' || interval === 'half_month') {
    return anchor + DAYS[interval] * frequency * count * DAY;
  }
  return monthsLater(anchor, MONTHS[interval] * frequency * count);
}

function monthsLater(seconds: number, months: number): number {
  const from = new Date(seconds * 1000);
  const year = from.getUTCFullYear();
  const month = from.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const later = new Date(from);
  later.setUTCFullYear(year, month, Math.min(from.getUTCDate(), lastDay));
  return later.getTime() / 1000;
}
