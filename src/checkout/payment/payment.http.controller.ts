import { Controller, Get, Header, Param, Query, Req, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../http/access/access.guard.js';
import { PageErrorFilter } from '../page/page.error.filter.js';
import { type Page, PageRenderer, type Redirect } from '../page/page.renderer.js';
import { AnswerFor, type Reader } from '../page/reader.js';
import { ShopHome } from '../page/shop.url.js';
import { PayPages } from './pay.pages.js';
import { messagePage, type Told, toldAbout } from './payment.message.js';
import { PaymentPageSource } from './payment.page.js';
import { receiptJson, receiptPage } from './receipt.view.js';

/** Some services answer below it, and some write `cancelled`. */
const API = 'api';

@ApiExcludeController()
@Public()
@UseFilters(PageErrorFilter)
@UseInterceptors(PageRenderer)
@Controller()
export class PaymentPagesHttpController {
  constructor(
    private readonly payments: PaymentPageSource,
    private readonly pages: PayPages,
    private readonly shop: ShopHome,
  ) {}

  @Get('pay/:paymentId')
  @Header('cache-control', 'no-store')
  async pay(@Param('paymentId') id: string, @AnswerFor() reader: Reader): Promise<Page | Redirect | Told> {
    const payment = await this.payments.get(id);
    return reader.json ? toldAbout(payment, 'pay', reader) : this.pages.pay(payment, reader);
  }

  @Get('pay/:paymentId/return')
  @Header('cache-control', 'no-store')
  async result(@Param('paymentId') id: string, @AnswerFor() reader: Reader): Promise<Page | Redirect | Told> {
    const payment = await this.payments.get(id);
    return reader.json ? toldAbout(payment, 'return', reader) : this.pages.result(payment, reader);
  }

  /** Existing orders services link to it; its address is the payment's id. */
  @Get('payments/:id/receipt')
  @Header('cache-control', 'no-store')
  async receipt(@Param('id') id: string, @AnswerFor() reader: Reader): Promise<object> {
    const payment = await this.payments.get(id);
    return reader.json ? receiptJson(payment) : receiptPage(payment, reader);
  }

  /** Where providers send the customer back to. `?payment=<id>` or `?session_id=<id>` names the payment. */
  @Get(['success', 'cancel', 'cancelled'].flatMap((door) => [`payments/${door}`, `${API}/payments/${door}`]))
  @Header('cache-control', 'no-store')
  async comeBack(
    @Query('payment') id: unknown,
    @Query('session_id') session: unknown,
    @AnswerFor() reader: Reader,
    @Req() { routeOptions: { url: route = '' } }: FastifyRequest,
  ): Promise<Page | Told> {
    const door = route.endsWith('/success') ? 'success' : 'cancel';
    const payment = await this.payments.findReturned(id, session);
    if (reader.json) return toldAbout(payment, door, reader);
    const root = route.startsWith(`/${API}/`) ? ('../../' as const) : undefined;
    return messagePage(payment, door, reader, { root, home: this.shop.url });
  }

  /** For a person who opens the service's address: something is here, and it answers. */
  @Get()
  @Header('content-type', 'text/plain; charset=utf-8')
  root(): string {
    return 'payments service: running\n';
  }
}
