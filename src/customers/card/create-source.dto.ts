import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, IsUUID, Matches } from 'class-validator';
import { PageDto } from '../../http/validation/page.dto.js';
import { TOKEN, TOKEN_RULE } from '../customer/create-customer.dto.js';

export class CreateSourceDto {
  /** Of a card, made by the provider; used once. */
  @Matches(TOKEN, { message: TOKEN_RULE })
  token!: string;

  /** Whose token it is. Default: the customer's own provider. */
  @IsOptional()
  @Matches(/^[a-z]{1,32}$/, { message: '$property must be the name of a provider' })
  provider?: string;

  /** Default: true for the first card at the provider. */
  @IsOptional()
  @IsBoolean({ message: '$property must be true or false' })
  makeDefault?: boolean;
}

/** The same over NATS. */
export class CreateNamedSourceDto extends CreateSourceDto {
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId!: string;
}

/** Which cards of a customer, over NATS. */
export class ListSourcesDto extends PageDto {
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId!: string;
}

/** How a card is removed. */
export class RemoveSourceDto {
  /** True: also a card that a subscription charges. */
  @IsOptional()
  // A query has texts alone, NATS has flags.
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: '$property must be true or false' })
  force?: boolean;
}

/** The same over NATS. */
export class RemoveNamedSourceDto extends RemoveSourceDto {
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId!: string;

  @IsUUID(undefined, { message: '$property must be the id of a card' })
  paymentSourceId!: string;
}

export class SourceIdDto {
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId!: string;

  @IsUUID(undefined, { message: '$property must be the id of a card' })
  paymentSourceId!: string;
}
