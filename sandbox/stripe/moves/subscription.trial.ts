import type { SubscriptionRecord } from '../billing.types.js';
import type { StripeWorld } from '../stripe.world.js';

const NOTICE_SECONDS = 3 * 24 * 60 * 60;

/** `trial_will_end` comes three days before the end, or at once where the trial is shorter. */
export function planTrialNotice(world: StripeWorld, record: SubscriptionRecord): void {
  const { status, trial_end: end } = record.subscription;
  const isOn = status === 'trialing' && end !== null;
  record.trialNoticeAt = isOn ? Math.max(world.clock.seconds(), end - NOTICE_SECONDS) : null;
}

/** Sends the notice once, when it is due. */
export function sayTrialEnds(world: StripeWorld, record: SubscriptionRecord): void {
  if (record.trialNoticeAt === null || record.trialNoticeAt > world.clock.seconds()) return;
  record.trialNoticeAt = null;
  world.log.emit('customer.subscription.trial_will_end', record.subscription);
}
