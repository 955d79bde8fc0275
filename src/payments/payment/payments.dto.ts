import { Transform } from 'class-transformer';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { isOrderNumber, orderIdText } from '../../kernel/order.id.js';
import { PageDto } from '../../http/validation/page.dto.js';
import { IsInstantOrDate, PlainText, ProviderName } from '../../http/validation/text.rules.js';
import { PAYMENT_STATUSES, type PaymentStatus } from './payment.js';

export class ListPaymentsDto extends PageDto {
  /** A number, over NATS, is the order of its text. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (isOrderNumber(value) ? orderIdText(value) : value))
  @PlainText({ max: 200 })
  orderId?: string;

  /** Whose cycles they are. */
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a subscription' })
  subscriptionId?: string;

  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId?: string;

  @IsOptional()
  @IsIn(PAYMENT_STATUSES, { message: `$property must be one of ${PAYMENT_STATUSES.join(', ')}` })
  status?: PaymentStatus;

  @IsOptional()
  @ProviderName()
  provider?: string;

  /** Created at or after this moment (RFC 3339), or this date's midnight in UTC. */
  @IsOptional()
  @IsInstantOrDate()
  from?: string;

  /** Created at or before this moment (RFC 3339), or this date's midnight in UTC. */
  @IsOptional()
  @IsInstantOrDate()
  to?: string;
}

export class GetPaymentDto {
  @IsUUID(undefined, { message: '$property must be the id of a payment' })
  paymentId!: string;
}
