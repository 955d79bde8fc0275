import { newId } from '../stripe.ids.js';
import { refused } from '../stripe.errors.js';
import type { Session, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

const DAY = 24 * 60 * 60;

/** A new session like an expired one, for a customer who comes back by its recovery link. */
export function recoverSession(world: StripeWorld, record: SessionRecord): Session {
  const expired = record.session;
  const recovery = expired.after_expiration?.recovery;
  const now = world.clock.seconds();
  if (expired.status !== 'expired' || !recovery?.enabled || now > (recovery.expires_at ?? 0)) {
    throw refused('This Checkout Session cannot be recovered.');
  }
  const id = newId('cs_test', 58);
  const session: Session = {
    ...structuredClone(expired),
    id,
    created: now,
    expires_at: now + DAY,
    payment_intent: null,
    recovered_from: expired.id,
    status: 'open',
    url: `${world.baseUrl}/c/pay/${id}`,
  };
  if (session.after_expiration?.recovery) {
    session.after_expiration.recovery.expires_at = null;
    session.after_expiration.recovery.url = null;
  }
  world.sessions.set(id, { ...structuredClone(record), session });
  return session;
}
