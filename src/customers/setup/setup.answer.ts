import type { CardSetupRow } from './card.setup.tables.js';

/** A form on which one card is saved. */
export class SetupAnswer {
  setupId!: string;
  provider!: string;
  /** Our page that shows the form. */
  url!: string;
  /** What the provider's component is started with, in a page of your own. */
  checkoutId!: string | null;
  publicKey!: string | null;
  clientSecret!: string | null;
  /** Where it is known before the form is filled in. Single use. */
  token!: string | null;
  /** ISO 8601. */
  expiresAt!: string | null;
}

export function setupAnswer(setup: CardSetupRow, url: string): SetupAnswer {
  return {
    setupId: setup.id,
    provider: setup.provider,
    url,
    checkoutId: setup.embed?.checkoutId ?? null,
    publicKey: setup.embed?.publicKey ?? null,
    clientSecret: setup.embed?.clientSecret ?? null,
    token: setup.token,
    expiresAt: setup.expiresAt?.toISOString() ?? null,
  };
}
