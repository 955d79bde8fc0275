import { IntersectionType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, IsUUID, Matches } from 'class-validator';
import { ProviderName } from '../../http/validation/text.rules.js';
import { PageDto } from '../../http/validation/page.dto.js';
import { CustomerIdDto, TOKEN, TOKEN_RULE } from '../customer/customer.dto.js';

export class CreateSourceDto {
  /** Of a card, made by the provider; used once. */
  @Matches(TOKEN, { message: TOKEN_RULE })
  token!: string;

  /** Whose token it is. Default: the customer's own provider. */
  @IsOptional()
  @ProviderName()
  provider?: string;

  /** Default: true for the first card at the provider. */
  @IsOptional()
  @IsBoolean({ message: '$property must be true or false' })
  makeDefault?: boolean;
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

/** Which card, where no path says it. */
export class SourceIdDto extends CustomerIdDto {
  @IsUUID(undefined, { message: '$property must be the id of a card' })
  paymentSourceId!: string;
}

export class CreateNamedSourceDto extends IntersectionType(CreateSourceDto, CustomerIdDto) {}
export class ListSourcesDto extends IntersectionType(PageDto, CustomerIdDto) {}
export class RemoveNamedSourceDto extends IntersectionType(RemoveSourceDto, SourceIdDto) {}
