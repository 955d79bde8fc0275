import { IsString, IsUrl, IsUUID } from 'class-validator';

/** The course's own: with `forbidNonWhitelisted`, a message with a fourth key is refused. */
export class PaidOrderDto {
  @IsString()
  stripePaymentId!: string;

  @IsString()
  @IsUUID()
  orderId!: string;

  @IsString()
  @IsUrl()
  receiptUrl!: string;
}
