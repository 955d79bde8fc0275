import { PickType } from '@nestjs/swagger';
import { ListPaymentsDto } from '../../payments/payment/payments.dto.js';

/** Which plans, newest first. */
export class ListPlansDto extends PickType(ListPaymentsDto, ['provider', 'cursor', 'limit']) {}
