import type { Clock } from '../../kernel/clock.js';

/** The provider's name in routes, rows and events. */
export const STRIPE = 'stripe';

/** Describes our account, for answers that do not and for what we make. */
export interface StripeAccount {
  livemode: boolean;
  clock: Clock;
  /** Our installation's id, for metadata. */
  installationId?: string | undefined;
}

/** The webhook, or the API answer, that a fact comes from. */
export interface FactSource {
  livemode: boolean;
  /** When the event was made, or when we asked. */
  at: Date;
  /** Webhooks only. */
  eventId?: string | undefined;
}

export function askedNow({ livemode, clock }: StripeAccount): FactSource {
  return { livemode, at: clock.now() };
}
