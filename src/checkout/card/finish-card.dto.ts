import { IsOptional, Matches } from 'class-validator';
import { TOKEN, TOKEN_RULE } from '../../customers/customer/customer.dto.js';

/** What the page tells when the provider's form is done. */
export class FinishCardDto {
  /** As the form gave it; left out where the provider is asked. */
  @IsOptional()
  @Matches(TOKEN, { message: TOKEN_RULE })
  token?: string;
}
