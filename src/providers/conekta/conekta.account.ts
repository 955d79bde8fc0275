import type { Clock } from '../../kernel/clock.js';

/** The provider's name in routes, rows and events. */
export const CONEKTA = 'conekta';

/** Whose objects they are: for answers that do not say it themselves, and for what is made. */
export interface ConektaAccount {
  livemode: boolean;
  clock: Pick<Clock, 'now'>;
  /** Which installation of ours makes things there; for their metadata. */
  installationId?: string | undefined;
}
