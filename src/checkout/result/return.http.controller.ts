import { Controller, Get, Header, Query, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../http/access/public.decorator.js';
import { ShopHome } from '../http.url.js';
import { CheckoutService } from '../checkout.service.js';
import { PageErrorFilter } from '../page/page.error.filter.js';
import { PageRenderer } from '../page/page.renderer.js';
import type { PaymentPage } from '../payment.page.js';
import { type Door, type Told, messagePage, toldAbout } from './payment.message.js';
import { AnswerFor, type Reader } from '../reader/reader.js';

/** The paths in use: some services answer below `/api`, and some write `cancelled`. */
const API = 'api';
const pathsOf = (page: string): string[] => [`payments/${page}`, `${API}/payments/${page}`];

/** Where providers send the customer back to. `?payment=<id>` or `?session_id=<id>` names the payment that the page is about. */
@ApiExcludeController()
@Public()
@UseFilters(PageErrorFilter)
@Controller()
export class ReturnHttpController {
  constructor(
    private readonly checkout: CheckoutService,
    private readonly renderer: PageRenderer,
    private readonly shop: ShopHome,
  ) {}

  @Get(pathsOf('success'))
  @Header('cache-control', 'no-store')
  async success(
    @Query('payment') payment: unknown,
    @Query('session_id') session: unknown,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    return this.show('success', await this.checkout.findReturned(payment, session), reader, reply);
  }

  @Get([...pathsOf('cancel'), ...pathsOf('cancelled')])
  @Header('cache-control', 'no-store')
  async cancel(
    @Query('payment') payment: unknown,
    @Query('session_id') session: unknown,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    return this.show('cancel', await this.checkout.findReturned(payment, session), reader, reply);
  }

  private async show(
    door: Door,
    payment: PaymentPage | undefined,
    reader: Reader,
    reply: FastifyReply,
  ): Promise<string | Told> {
    if (reader.json) return toldAbout(payment, door, reader);
    const isBelowApi = reply.request.routeOptions.url?.startsWith(`/${API}/`) === true;
    const place = { root: isBelowApi ? ('../../' as const) : undefined, home: this.shop.url };
    return this.renderer.answer(reply, messagePage(payment, door, reader, place));
  }
}
