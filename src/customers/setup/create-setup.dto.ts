import { IsOptional, IsUUID, Matches } from 'class-validator';
import { PlainText } from '../../http/validation/text.rules.js';

export class CreateSetupDto {
  /** Default: the customer's own; without one, by PROVIDER_ROUTES. */
  @IsOptional()
  @Matches(/^[a-z]{1,32}$/, { message: '$property must be the name of a provider' })
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
  @Matches(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$/, {
    message: '$property must be a language tag such as es or es-MX',
  })
  locale?: string;
}
