import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../../http/access/caller.js';
import { ListPaymentsDto } from './payments.dto.js';
import { PaymentResource } from './payment.view.js';
import { PaymentList, PaymentsService } from './payments.service.js';

@ApiTags('payments')
@ApiBearerAuth()
@Controller('payments')
export class PaymentsHttpController {
  constructor(private readonly payments: PaymentsService) {}

  /** Payments, newest first. */
  @Get()
  list(@Query() query: ListPaymentsDto, @CurrentCaller() caller: Caller): Promise<PaymentList> {
    return this.payments.list(query, caller);
  }

  /** One payment. */
  @Get(':id')
  get(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<PaymentResource> {
    return this.payments.get(id, caller);
  }
}
