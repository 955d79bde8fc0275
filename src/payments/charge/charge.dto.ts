import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  ValidateNested,
} from 'class-validator';
import { TOKEN, TOKEN_RULE } from '../../customers/customer/customer.dto.js';
import { MinorUnits, WholeNumber } from '../../http/validation/number.rules.js';
import { CurrencyCode, NoCardNumber, OrderId, PlainText } from '../../http/validation/text.rules.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { PaymentResource, resourceOf } from '../payment/payment.view.js';
import { CreateSessionDto } from '../session/session.dto.js';
import type { SessionCustomerDto, SessionItemDto } from '../session/session-parts.dto.js';

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

/** A charge without a checkout page. What it takes over from a session is described anew where it means something else. */
export class ChargeDto extends PickType(CreateSessionDto, [
  'capture',
  'threeDs',
  'metadata',
  'shippingContact',
  'customer',
  'provider',
  'items',
  'locale',
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
  override customer?: SessionCustomerDto;

  /** Default: the card's; of a token the customer's, or by PROVIDER_ROUTES. */
  override provider?: string;

  /** The order that is paid for, as its owner names it; absent: none. */
  @IsOptional()
  @OrderId()
  orderId?: string | number;

  /** ISO 4217, either case. */
  @CurrencyCode()
  currency!: string;

  /** 1 to 10,000 lines; or `amount` and `description`. */
  override items?: SessionItemDto[];

  /** In place of `items`: minor units by ISO 4217. */
  @IsOptional()
  @MinorUnits()
  amount?: number;

  /** With `amount`: what it is for. */
  @IsOptional()
  @PlainText({ max: 500 })
  @NoCardNumber()
  @ApiPropertyOptional({ maxLength: 500 })
  description?: string;

  /** Number of monthly installments. */
  @IsOptional()
  @WholeNumber({ of: 'months', min: 2, max: 60, unit: 'month' })
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
  override locale?: string;
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
