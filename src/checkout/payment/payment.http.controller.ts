import { Controller, Get, Header, Param, Query, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../http/access/access.guard.js';
import { PageErrorFilter } from '../page/page.error.filter.js';
import { PageRenderer } from '../page/page.renderer.js';
import { AnswerFor, type Reader } from '../page/reader.js';
import { ShopHome } from '../page/shop.url.js';
import { PayPages } from './pay.pages.js';
import { messagePage, type Told, toldAbout } from './payment.message.js';
import { PaymentPageSource } from './payment.page.js';
import { type ReceiptJson, receiptJson, receiptPage } from './receipt.view.js';

/** Some services answer below it, and some write `cancelled`. */
const API = 'api';

/** Where a customer pays, learns what came of it, and finds the receipt. */
@ApiExcludeController()
@Public()
@UseFilters(PageErrorFilter)
@Controller()
export class PaymentPagesHttpController {
  constructor(
    private readonly payments: PaymentPageSource,
    private readonly pages: PayPages,
    private readonly renderer: PageRenderer,
    private readonly shop: ShopHome,
  ) {}

  @Get('pay/:paymentId')
  @Header('cache-control', 'no-store')
  async pay(
    @Param('paymentId') id: string,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    const payment = await this.payments.get(id);
    if (reader.json) return toldAbout(payment, 'pay', reader);
    return this.renderer.answer(reply, this.pages.pay(payment, reader));
  }

  @Get('pay/:paymentId/return')
  @Header('cache-control', 'no-store')
  async result(
    @Param('paymentId') id: string,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    const payment = await this.payments.get(id);
    if (reader.json) return toldAbout(payment, 'return', reader);
    return this.renderer.answer(reply, this.pages.result(payment, reader));
  }

  /** Existing orders services link to it; its address is the payment's id. */
  @Get('payments/:id/receipt')
  @Header('cache-control', 'no-store')
  async receipt(
    @Param('id') id: string,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | ReceiptJson> {
    const payment = await this.payments.get(id);
    return reader.json ? receiptJson(payment) : this.renderer.answer(reply, receiptPage(payment, reader));
  }

  /** Where providers send the customer back to. `?payment=<id>` or `?session_id=<id>` names the payment. */
  @Get(['success', 'cancel', 'cancelled'].flatMap((door) => [`payments/${door}`, `${API}/payments/${door}`]))
  @Header('cache-control', 'no-store')
  async comeBack(
    @Query('payment') id: unknown,
    @Query('session_id') session: unknown,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    const { url: route = '' } = reply.request.routeOptions;
    const door = route.endsWith('/success') ? 'success' : 'cancel';
    const payment = await this.payments.findReturned(id, session);
    if (reader.json) return toldAbout(payment, door, reader);
    const root = route.startsWith(`/${API}/`) ? ('../../' as const) : undefined;
    return this.renderer.answer(reply, messagePage(payment, door, reader, { root, home: this.shop.url }));
  }

  /** For a person who opens the service's address: something is here, and it answers. */
  @Get()
  @Header('content-type', 'text/plain; charset=utf-8')
  root(): string {
    return 'payments service: running\n';
  }
}
