import { IntersectionType } from '@nestjs/swagger';
import { IsOptional, IsUUID, Matches } from 'class-validator';
import { PageDto } from '../../http/validation/page.dto.js';
import {
  NoCardNumber,
  IsMetadata,
  EmailAddress,
  PlainText,
  ProviderName,
} from '../../http/validation/text.rules.js';

/** Never a card's number, which begins with a digit. */
export const TOKEN = /^[A-Za-z][A-Za-z0-9_-]{2,199}$/;
export const TOKEN_RULE = '$property must be the token of a card';

export const PHONE = /^\+?[0-9 ()-]{7,24}$/;
export const PHONE_RULE = '$property must be a phone number';

/** Who the customer is. */
export class CustomerPersonDto {
  @IsOptional()
  @PlainText({ max: 250 })
  @NoCardNumber()
  name?: string;

  @IsOptional()
  @EmailAddress()
  email?: string;

  @IsOptional()
  @Matches(PHONE, { message: PHONE_RULE })
  @NoCardNumber()
  phone?: string;

  /** Your own keys and values; they come back in every event. */
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}

export class CreateCustomerDto extends CustomerPersonDto {
  /** Who keeps the customer first. Default: by PROVIDER_ROUTES. */
  @IsOptional()
  @ProviderName()
  provider?: string;

  /** Of a card, made by the provider; used once. It becomes the default card. */
  @IsOptional()
  @Matches(TOKEN, { message: TOKEN_RULE })
  token?: string;
}

/** What is absent stays as it is; `metadata` takes the place of all that was there. */
export class UpdateCustomerDto extends CustomerPersonDto {}

/** Which customer, where no path says it. */
export class CustomerIdDto {
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId!: string;
}

export class UpdateNamedCustomerDto extends IntersectionType(CustomerPersonDto, CustomerIdDto) {}

export class ListCustomersDto extends PageDto {
  /** This address, in whatever case. */
  @IsOptional()
  @PlainText({ max: 254 })
  email?: string;
}
