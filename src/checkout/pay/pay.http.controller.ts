import { Controller, Get, Header, Param, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../http/access/public.decorator.js';
import { CheckoutService } from '../checkout.service.js';
import { PageErrorFilter } from '../page/page.error.filter.js';
import { PageRenderer } from '../page/page.renderer.js';
import { AnswerFor, type Reader } from '../reader/reader.js';
import { type Told, toldAbout } from '../result/payment.message.js';
import { PayPages } from './pay.pages.js';

/** Where a customer pays, and learns what came of it. */
@ApiExcludeController()
@Public()
@UseFilters(PageErrorFilter)
@Controller('pay/:paymentId')
export class PayHttpController {
  constructor(
    private readonly checkout: CheckoutService,
    private readonly pages: PayPages,
    private readonly renderer: PageRenderer,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async pay(
    @Param('paymentId') id: string,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    const payment = await this.checkout.get(id);
    if (reader.json) return toldAbout(payment, 'pay', reader);
    return this.renderer.answer(reply, this.pages.pay(payment, reader));
  }

  @Get('return')
  @Header('cache-control', 'no-store')
  async result(
    @Param('paymentId') id: string,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    const payment = await this.checkout.get(id);
    if (reader.json) return toldAbout(payment, 'return', reader);
    return this.renderer.answer(reply, this.pages.result(payment, reader));
  }
}
