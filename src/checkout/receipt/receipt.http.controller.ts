import { Controller, Get, Header, Param, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../http/access/public.decorator.js';
import { CheckoutService } from '../checkout.service.js';
import { PageErrorFilter } from '../page/page.error.filter.js';
import { PageRenderer } from '../page/page.renderer.js';
import { AnswerFor, type Reader } from '../reader/reader.js';
import { type ReceiptJson, receiptJson } from './receipt.json.js';
import { receiptPage } from './receipt.view.js';

/** The receipt that existing orders services link to; its address is the payment's id. */
@ApiExcludeController()
@Public()
@UseFilters(PageErrorFilter)
@Controller('payments/:id/receipt')
export class ReceiptHttpController {
  constructor(
    private readonly checkout: CheckoutService,
    private readonly renderer: PageRenderer,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async show(
    @Param('id') id: string,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | ReceiptJson> {
    const payment = await this.checkout.get(id);
    if (reader.json) return receiptJson(payment);
    return this.renderer.answer(reply, receiptPage(payment, reader));
  }
}
