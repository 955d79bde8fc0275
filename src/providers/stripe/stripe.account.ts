import type { Clock } from '../../kernel/clock.js';

/** The provider's name in routes, rows and events. */
export const STRIPE = 'stripe';

/** Whose objects they are: for answers that do not say it themselves, and for what is made. */
export interface StripeAccount {
  livemode: boolean;
  clock: Clock;
  /** Which installation of ours makes things there; for their metadata. */
  installationId?: string | undefined;
}
