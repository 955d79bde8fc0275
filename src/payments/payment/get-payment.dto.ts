import { IsUUID } from 'class-validator';

export class GetPaymentDto {
  @IsUUID(undefined, { message: '$property must be the id of a payment' })
  paymentId!: string;
}
