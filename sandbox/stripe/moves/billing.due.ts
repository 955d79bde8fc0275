import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { attemptInvoice } from './invoice.payment.js';
import { voidInvoice } from './invoice.void.js';
import { changeSubscription, currentPeriod } from './subscription.changes.js';
import { cancelSubscription, expireIncomplete, isOver } from './subscription.ends.js';
import { announceUpcoming, renewSubscription } from './subscription.renew.js';
import { sayTrialEnds } from './subscription.create.js';
import { cancelIntent } from './intent.moves.js';
import { expireSession } from './session.ends.js';
import { expireVoucher } from './voucher.payment.js';

export interface Due {
  /** Seconds since the epoch. */
  at: number;
  play: () => void;
}

const HOUR = 60 * 60;
const FIRST_PAYMENT_SECONDS = 23 * HOUR;
const UPCOMING_SECONDS = 7 * 24 * HOUR;

/** What Billing does next, if it is due by then. Each one changes what comes after it. */
export function nextBilling(world: StripeWorld, by: number): Due | undefined {
  let next: Due | undefined;
  const consider = (due: Due) => {
    if (due.at <= by && (next === undefined || due.at < next.at)) next = due;
  };
  for (const record of world.billing.invoices.values()) considerInvoice(world, record, consider);
  for (const record of world.billing.subscriptions.values()) {
    if (!isOver(record.subscription)) considerSubscription(world, record, consider);
  }
  return next;
}

type Consider = (due: Due) => void;

function considerInvoice(world: StripeWorld, record: InvoiceRecord, consider: Consider): void {
  const { status, next_payment_attempt: at } = record.invoice;
  if (status !== 'open' || at === null) return;
  consider({ at, play: () => attemptInvoice(world, record, { isScheduled: true }) });
}

/** In the order in which things of the same second happen: what ends a subscription comes first. */
function considerSubscription(world: StripeWorld, owner: SubscriptionRecord, consider: Consider): void {
  const { subscription } = owner;
  const { status, cancel_at: cancelAt, pause_collection: pause } = subscription;
  if (cancelAt !== null) consider({ at: cancelAt, play: () => cancelSubscription(world, owner, {}) });
  if (status === 'incomplete') {
    const at = subscription.created + FIRST_PAYMENT_SECONDS;
    consider({ at, play: () => expireIncomplete(world, owner) });
    return;
  }
  if (status === 'paused') {
    considerResume(world, owner, consider);
    return;
  }
  if (owner.trialNoticeAt !== null) {
    consider({ at: owner.trialNoticeAt, play: () => sayTrialEnds(world, owner) });
  }
  if (pause && pause.resumes_at !== null) {
    consider({ at: pause.resumes_at, play: () => endCollectionPause(world, owner) });
  }
  const { start, end } = currentPeriod(subscription);
  const announcedAt = end - UPCOMING_SECONDS;
  const goesOn = cancelAt === null || cancelAt > end;
  if (goesOn && owner.upcomingFor !== end && announcedAt > start) {
    consider({ at: announcedAt, play: () => announceUpcoming(world, owner) });
  }
  consider({ at: end, play: () => renewSubscription(world, owner) });
}

/** A resumption that nobody pays for within 23 hours does not happen. */
function considerResume(world: StripeWorld, owner: SubscriptionRecord, consider: Consider): void {
  const record = world.billing.invoices.get(owner.resumeInvoice ?? '');
  if (record?.invoice.status !== 'open') return;
  const giveUp = () => {
    owner.resumeInvoice = null;
    voidInvoice(world, record);
  };
  consider({ at: record.invoice.created + FIRST_PAYMENT_SECONDS, play: giveUp });
}

function endCollectionPause(world: StripeWorld, owner: SubscriptionRecord): void {
  changeSubscription(world, owner, (subscription) => (subscription.pause_collection = null));
}

/** Everything whose time has come happens, the earliest first and each at its own moment. */
export function playDue(world: StripeWorld): void {
  const now = world.clock.seconds();
  const single = [...dueSessions(world), ...dueVouchers(world), ...dueAuthorizations(world)]
    .filter(({ at }) => at <= now)
    .sort((a, b) => b.at - a.at);
  let billing = nextBilling(world, now);
  for (let next = earlier(single.at(-1), billing); next; next = earlier(single.at(-1), billing)) {
    world.clock.at(next.at, next.play);
    if (next === billing) billing = nextBilling(world, now);
    else single.pop();
  }
}

function earlier(one: Due | undefined, other: Due | undefined): Due | undefined {
  if (!one || !other) return one ?? other;
  return other.at < one.at ? other : one;
}

function dueSessions(world: StripeWorld): Due[] {
  return [...world.sessions.values()]
    .filter(({ session }) => session.status === 'open')
    .map((record) => ({ at: record.session.expires_at, play: () => expireSession(world, record) }));
}

function dueVouchers(world: StripeWorld): Due[] {
  return [...world.sessions.values()].flatMap((record) => {
    const id = record.session.payment_intent;
    const action = id ? world.intents.get(id)?.intent.next_action : null;
    const at = action?.oxxo_display_details?.expires_after;
    return at ? [{ at, play: () => expireVoucher(world, record) }] : [];
  });
}

function dueAuthorizations(world: StripeWorld): Due[] {
  return [...world.intents.values()].flatMap((record) => {
    const { intent } = record;
    if (intent.status !== 'requires_capture' || intent.latest_charge === null) return [];
    const at = world.charges.get(intent.latest_charge)?.payment_method_details?.card?.capture_before;
    return at ? [{ at, play: () => cancelIntent(world, record, 'automatic') }] : [];
  });
}
