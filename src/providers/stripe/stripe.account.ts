import type { Clock } from '../../kernel/clock.js';

/** Whose objects they are, for answers that do not say it themselves. */
export interface StripeAccount {
  livemode: boolean;
  clock: Clock;
}
