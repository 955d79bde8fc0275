import { Controller, Get, Header, Query, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../http/access/public.decorator.js';
import { ShopHome } from '../http.url.js';
import { CheckoutService } from '../checkout.service.js';
import { PageErrorFilter } from '../page/page.error.filter.js';
import { PageRenderer } from '../page/page.renderer.js';
import { type Door, type Told, messagePage, toldAbout } from './payment.message.js';
import { AnswerFor, type Reader } from '../reader/reader.js';

/** The paths in use: some services answer below `/api`, and some write `cancelled`. */
const API = 'api';
const pathsOf = (page: string): string[] => [`payments/${page}`, `${API}/payments/${page}`];

/** Where providers send the customer back to. `?payment=<id>` names the payment that the page is about. */
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
  success(
    @Query('payment') payment: unknown,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    return this.show('success', payment, reader, reply);
  }

  @Get([...pathsOf('cancel'), ...pathsOf('cancelled')])
  @Header('cache-control', 'no-store')
  cancel(
    @Query('payment') payment: unknown,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    return this.show('cancel', payment, reader, reply);
  }

  private async show(door: Door, id: unknown, reader: Reader, reply: FastifyReply): Promise<string | Told> {
    const payment = await this.checkout.find(id);
    if (reader.json) return toldAbout(payment, door, reader);
    const isBelowApi = reply.request.routeOptions.url?.startsWith(`/${API}/`) === true;
    const place = { root: isBelowApi ? ('../../' as const) : undefined, home: this.shop.url };
    return this.renderer.answer(reply, messagePage(payment, door, reader, place));
  }
}
