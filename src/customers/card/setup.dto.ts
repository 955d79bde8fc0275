import { IsOptional, IsUUID } from 'class-validator';
import { LanguageTag, PlainText, ProviderName } from '../../http/validation/text.rules.js';
import type { CardSetupRow } from '../customer/customer.tables.js';

export class CreateSetupDto {
  /** Default: the customer's own; without one, by PROVIDER_ROUTES. */
  @IsOptional()
  @ProviderName()
  provider?: string;

  /** Whom the card is for. Without one, the token is what comes of it. */
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId?: string;

  /** Where the browser goes when the card is saved; at an allowed origin. */
  @IsOptional()
  @PlainText({ max: 2000 })
  successUrl?: string;

  /** Language of the form, such as `es` or `en`. Default: the browser's. */
  @IsOptional()
  @LanguageTag()
  locale?: string;
}

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
