import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { TOKEN, TOKEN_RULE } from '../../customers/customer/customer.dto.js';
import {
  NoCardNumber,
  MAX_ORDER_ID,
  OrderId,
  PlainText,
  ProviderName,
} from '../../http/validation/text.rules.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { PaymentResource, resourceOf } from '../payment/payment.view.js';
import { CreateSessionDto, MAX_ITEMS } from '../session/session.dto.js';
import { SessionCustomerDto, SessionItemDto } from '../session/session-parts.dto.js';

/** The card: exactly one of the three. */
export class ChargeSourceDto {
  /** Single use, as the card form gave it. */
  @IsOptional()
  @Matches(TOKEN, { message: TOKEN_RULE })
  token?: string;

  /** A saved card of `customerId`. */
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a payment source' })
  paymentSourceId?: string;

  /** The default card of `customerId`. */
  @IsOptional()
  @IsIn([true], { message: '$property must be true or absent' })
  @ApiPropertyOptional({ type: Boolean, enum: [true] })
  default?: boolean;
}

/** A charge without a checkout page. */
export class ChargeDto extends PickType(CreateSessionDto, [
  'capture',
  'threeDs',
  'metadata',
  'shippingContact',
]) {
  @IsDefined({ message: '$property is required' })
  @ValidateNested()
  @Type(() => ChargeSourceDto)
  source!: ChargeSourceDto;

  /** Whose card it is; required unless the source is a token. */
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId?: string;

  /** Who pays, with a token and without `customerId`. */
  @IsOptional()
  @ValidateNested()
  @Type(() => SessionCustomerDto)
  customer?: SessionCustomerDto;

  /** Default: the card's; of a token the customer's, or by PROVIDER_ROUTES. */
  @IsOptional()
  @IsString()
  @ProviderName()
  provider?: string;

  /** The order that is paid for, as its owner names it; absent: none. */
  @IsOptional()
  @OrderId()
  @ApiPropertyOptional({
    oneOf: [
      { type: 'string', maxLength: MAX_ORDER_ID },
      { type: 'integer', minimum: 0 },
    ],
  })
  orderId?: string | number;

  /** ISO 4217, either case. */
  @IsString({ message: '$property must be an ISO 4217 currency code' })
  @MaxLength(3, { message: '$property must be an ISO 4217 currency code' })
  currency!: string;

  /** 1 to 10,000 lines; or `amount` and `description`. */
  @IsOptional()
  @IsArray({ message: '$property must be a list' })
  @ArrayMinSize(1, { message: '$property must hold at least one line' })
  @ArrayMaxSize(MAX_ITEMS, { message: `$property must hold at most ${MAX_ITEMS} lines` })
  @ValidateNested({ each: true })
  @Type(() => SessionItemDto)
  @ApiPropertyOptional({ maxItems: MAX_ITEMS })
  items?: SessionItemDto[];

  /** In place of `items`: minor units by ISO 4217. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of minor units' })
  @IsPositive({ message: '$property must be greater than zero' })
  amount?: number;

  /** With `amount`: what it is for. */
  @IsOptional()
  @PlainText({ max: 500 })
  @NoCardNumber()
  @ApiPropertyOptional({ maxLength: 500 })
  description?: string;

  /** Number of monthly installments. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of months' })
  @Min(2, { message: '$property must be at least 2 months' })
  @Max(60, { message: '$property must be at most 60 months' })
  installments?: number;

  /** False: nobody is there whom the bank could ask; a bank that insists declines. Default true. */
  @IsOptional()
  @IsBoolean({ message: '$property must be true or false' })
  buyerPresent?: boolean;

  /** Where the bank's page sends the buyer on to; at an allowed origin. Default: our page with the result. */
  @IsOptional()
  @PlainText({ max: 2000 })
  returnUrl?: string;

  /** Language of what the buyer is told, such as `es` or `en`. */
  @IsOptional()
  @Matches(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$/, {
    message: '$property must be a language tag such as es or es-MX',
  })
  locale?: string;
}

/** The same over NATS, which has no header for the key. */
export class ChargeMessageDto extends ChargeDto {
  /** Required: the same key, the same charge. */
  @IsOptional()
  @IsString()
  @ApiProperty()
  idempotencyKey?: string;
}

/** Send the buyer's browser there. */
export class ChargeNextAction {
  type!: 'redirect';
  url!: string;
}

/** The payment, declined or not. */
export class ChargeAnswer extends PaymentResource {
  /** What the buyer has to do before the bank decides; null: nothing. */
  nextAction!: ChargeNextAction | null;
}

/** @param publicUrl where this service is reached */
export function chargeAnswer(payment: PaymentRow, publicUrl: string): ChargeAnswer {
  const resource = resourceOf(payment, publicUrl);
  const { checkoutUrl: url } = resource;
  return { ...resource, nextAction: url === null ? null : { type: 'redirect', url } };
}
