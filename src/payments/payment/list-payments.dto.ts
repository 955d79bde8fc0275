import { Transform } from 'class-transformer';
import { IsIn, IsISO8601, IsOptional, IsUUID, Matches } from 'class-validator';
import { isOrderNumber, orderIdText } from '../../kernel/order.id.js';
import { PageDto } from '../../http/paging/page.dto.js';
import { PlainText } from '../../http/validation/plain-text.rule.js';
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
  @Matches(/^[a-z]{1,32}$/, { message: '$property must be the name of a provider' })
  provider?: string;

  /** Created at or after this moment (ISO 8601). */
  @IsOptional()
  @IsISO8601({ strict: true }, { message: '$property must be an ISO 8601 date' })
  from?: string;

  /** Created at or before this moment (ISO 8601). */
  @IsOptional()
  @IsISO8601({ strict: true }, { message: '$property must be an ISO 8601 date' })
  to?: string;
}
