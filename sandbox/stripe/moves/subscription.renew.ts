import { periodEnd } from '../billing.calendar.js';
import type { SubscriptionRecord } from '../billing.types.js';
import { periodLine } from '../objects/invoice.line.js';
import { newInvoice } from '../objects/invoice.object.js';
import { newId } from '../stripe.ids.js';
import type { StripeWorld } from '../stripe.world.js';
import { collectInvoice } from './invoice.payment.js';
import { openPeriod } from './invoice.draft.js';
import { currentPeriod, methodOf, rhythmOf } from './subscription.changes.js';
import { cancelSubscription } from './subscription.ends.js';
import { enterPause } from './subscription.pause.js';

/** The next period begins, and with it the end of a trial. */
export function renewSubscription(world: StripeWorld, owner: SubscriptionRecord): void {
  const { subscription } = owner;
  const wasTrial = subscription.status === 'trialing';
  const unpayable = subscription.trial_settings?.end_behavior.missing_payment_method;
  if (wasTrial && !methodOf(world, subscription) && unpayable === 'cancel') {
    cancelSubscription(world, owner, { reason: null });
    return;
  }
  if (wasTrial && !methodOf(world, subscription) && unpayable === 'pause') {
    enterPause(world, owner, 'trial_end_without_payment_method');
    return;
  }
  const { end: start } = currentPeriod(subscription);
  const end = periodEnd(subscription.billing_cycle_anchor, rhythmOf(subscription), start);
  const record = openPeriod(world, owner, {
    period: { start, end },
    reason: 'subscription_cycle',
    change: (changed) => {
      if (wasTrial) changed.status = 'active';
    },
  });
  collectInvoice(world, owner, record);
}

/** Announces the next invoice, some days before it is made. It is kept nowhere. */
export function announceUpcoming(world: StripeWorld, owner: SubscriptionRecord): void {
  const { subscription } = owner;
  const period = currentPeriod(subscription);
  owner.upcomingFor = period.end;
  const end = periodEnd(subscription.billing_cycle_anchor, rhythmOf(subscription), period.end);
  const next = { start: period.end, end };
  const lines = subscription.items.data.map((item) => periodLine(world, subscription, item, next));
  const preview = newInvoice(world, {
    subscription,
    reason: 'upcoming',
    lines: [...owner.waitingLines, ...lines],
    period,
    coupon: owner.coupon,
  });
  const invoice = { ...preview, id: newId('upcoming_in'), next_payment_attempt: period.end };
  world.log.emit('invoice.upcoming', invoice);
}
