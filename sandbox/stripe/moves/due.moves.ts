import type { StripeWorld } from '../stripe.world.js';
import { nextBilling, type Due } from './billing.due.js';
import { cancelIntent } from './intent.moves.js';
import { expireSession } from './session.ends.js';
import { expireVoucher } from './voucher.payment.js';

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
