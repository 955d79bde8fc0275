import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  CurrencyCode,
  IsMetadata,
  LanguageTag,
  OrderId,
  PlainText,
  ProviderName,
} from '../../http/validation/text.rules.js';
import {
  PAYMENT_METHODS,
  type PaymentMethodName,
  THREE_DS_MODES,
  type ThreeDsMode,
} from '../../providers/payment.ports.js';
import {
  SessionAdjustmentDto,
  SessionCustomerDto,
  SessionItemDto,
  ShippingContactDto,
} from './session-parts.dto.js';
import type { PaymentStatus } from '../payment/payment.js';

const MAX_ITEMS = 10_000;
const MAX_ADJUSTMENTS = 50;

function AdjustmentList(): PropertyDecorator {
  return applyDecorators(
    IsOptional(),
    IsArray({ message: '$property must be a list' }),
    ArrayMaxSize(MAX_ADJUSTMENTS, { message: `$property must hold at most ${MAX_ADJUSTMENTS} lines` }),
    ValidateNested({ each: true }),
    Type(() => SessionAdjustmentDto),
    ApiPropertyOptional({ type: [SessionAdjustmentDto], maxItems: MAX_ADJUSTMENTS }),
  );
}

/** What a checkout session is asked for with. */
export class CreateSessionDto {
  /** The order that is paid for, as its owner names it: a number goes back as a number, and is the order of its text. */
  @OrderId()
  orderId!: string | number;

  /** ISO 4217, either case. May be left out only where the orders service is asked for the items. */
  @IsOptional()
  @CurrencyCode()
  currency?: string;

  /** 1 to 10,000 lines. A browser leaves them out: then the orders service is asked. */
  @IsOptional()
  @IsArray({ message: '$property must be a list' })
  @ArrayMinSize(1, { message: '$property must hold at least one line' })
  @ArrayMaxSize(MAX_ITEMS, { message: `$property must hold at most ${MAX_ITEMS} lines` })
  @ValidateNested({ each: true })
  @Type(() => SessionItemDto)
  @ApiPropertyOptional({ maxItems: MAX_ITEMS })
  items?: SessionItemDto[];

  /** Added to the lines. */
  @AdjustmentList()
  taxes?: SessionAdjustmentDto[];

  /** Added to the lines. */
  @AdjustmentList()
  shipping?: SessionAdjustmentDto[];

  /** Taken off the sum of the rest. */
  @AdjustmentList()
  discounts?: SessionAdjustmentDto[];

  /** Default: by PROVIDER_ROUTES. */
  @IsOptional()
  @IsString()
  @ProviderName()
  provider?: string;

  /** Default `hosted`: a page of the provider. `embedded`: inside a page, ours or yours. */
  @IsOptional()
  @IsIn(['hosted', 'embedded'], { message: '$property must be hosted or embedded' })
  ui?: 'hosted' | 'embedded';

  /** Where the browser goes after paying; at an allowed origin. */
  @IsOptional()
  @PlainText({ max: 2000 })
  successUrl?: string;

  /** Where the browser goes after giving up; at an allowed origin. */
  @IsOptional()
  @PlainText({ max: 2000 })
  cancelUrl?: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => SessionCustomerDto)
  customer?: SessionCustomerDto;

  /** Of physical goods. */
  @IsOptional()
  @ValidateNested()
  @Type(() => ShippingContactDto)
  shippingContact?: ShippingContactDto;

  /**
   * In place of `customer`: one of `POST /customers`. It pays at `provider`, or where it was made: PROVIDER_ROUTES
   * do not count.
   */
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{3,100}$/, { message: '$property must be the id of a customer' })
  customerId?: string;

  /** Default: whatever the account offers and the amount allows. */
  @IsOptional()
  @IsArray({ message: '$property must be a list' })
  @ArrayMinSize(1, { message: '$property must hold at least one method' })
  @ArrayMaxSize(PAYMENT_METHODS.length)
  @IsIn(PAYMENT_METHODS, { each: true, message: `$property must be among ${PAYMENT_METHODS.join(', ')}` })
  paymentMethods?: PaymentMethodName[];

  /** `manual`: the money is held and captured later. Default `automatic`. */
  @IsOptional()
  @IsIn(['automatic', 'manual'], { message: '$property must be automatic or manual' })
  capture?: 'automatic' | 'manual';

  /** Numbers of months that the customer may choose from. */
  @IsOptional()
  @IsArray({ message: '$property must be a list of months' })
  @ArrayMaxSize(12)
  @IsInt({ each: true, message: '$property must be whole numbers of months' })
  @Min(2, { each: true, message: '$property must be at least 2 months' })
  @Max(60, { each: true, message: '$property must be at most 60 months' })
  installments?: number[];

  /** True: the card is kept for later charges that its holder agrees to. */
  @IsOptional()
  @IsBoolean({ message: '$property must be true or false' })
  onDemand?: boolean;

  /** When the bank identifies the card's holder: where there is a risk, always, or where the bank insists. */
  @IsOptional()
  @IsIn(THREE_DS_MODES, { message: `$property must be among ${THREE_DS_MODES.join(', ')}` })
  threeDs?: ThreeDsMode;

  /** Your own keys and values; they come back in every event. */
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;

  /** Language of the checkout page, such as `es` or `en`. Default: the browser's. */
  @IsOptional()
  @LanguageTag()
  locale?: string;

  /** Seconds until the session ends. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of seconds' })
  @Min(60, { message: '$property must be at least 60 seconds' })
  @Max(31_536_000, { message: '$property must be at most a year' })
  expiresIn?: number;
}

/** The answer to create-session, over REST and over NATS. */
export class SessionAnswer {
  paymentId!: string;
  /** As it was sent. */
  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'integer' }] })
  orderId!: string | number;
  provider!: string;
  status!: PaymentStatus;
  /** Where the customer pays. */
  url!: string;
  successUrl!: string;
  cancelUrl!: string;
  /** The same three, under other names in use. */
  sessionUrl!: string;
  success_url!: string;
  cancel_url!: string;
  /** ISO 8601. */
  expiresAt!: string | null;
  /** Of an embedded session: what the provider's component is started with. */
  checkoutId?: string;
  publicKey?: string;
  clientSecret?: string;
}
