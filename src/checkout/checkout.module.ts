import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CustomersModule } from '../customers/customers.module.js';
import { CardErrorFilter } from './card/card.error.filter.js';
import { CardForms } from './card/card.forms.js';
import { CardHttpController } from './card/card.http.controller.js';
import { CardPageSource } from './card/card.page.js';
import { StoredCardPages } from './card/card.page.source.js';
import { CardPages } from './card/card.pages.js';
import { CardPagesService } from './card/card.pages.service.js';
import { CheckoutService } from './checkout.service.js';
import { PageErrorFilter, showErrorsToPeople } from './page/page.error.filter.js';
import { ShopHome } from './http.url.js';
import { EmbeddedCheckouts } from './pay/embedded.checkouts.js';
import { PayHttpController } from './pay/pay.http.controller.js';
import { PayPages } from './pay/pay.pages.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { PaymentPageSource } from './payment.page.js';
import { StoredPaymentPages } from './payment.page.source.js';
import { PageRenderer } from './page/page.renderer.js';
import { ReceiptHttpController } from './receipt/receipt.http.controller.js';
import { ReturnHttpController } from './result/return.http.controller.js';
import { RootHttpController } from './root.http.controller.js';

/** The customer's pages. */
@Module({
  imports: [PaymentsModule, CustomersModule],
  controllers: [
    PayHttpController,
    ReturnHttpController,
    ReceiptHttpController,
    CardHttpController,
    RootHttpController,
  ],
  providers: [
    CheckoutService,
    ShopHome,
    PageErrorFilter,
    PageRenderer,
    PayPages,
    EmbeddedCheckouts,
    { provide: PaymentPageSource, useClass: StoredPaymentPages },
    CardPagesService,
    CardPages,
    CardForms,
    CardErrorFilter,
    { provide: CardPageSource, useClass: StoredCardPages },
  ],
  exports: [CheckoutService, PageRenderer, PageErrorFilter],
})
export class CheckoutModule implements OnModuleInit {
  constructor(
    private readonly server: HttpAdapterHost,
    private readonly renderer: PageRenderer,
    private readonly shop: ShopHome,
  ) {}

  onModuleInit(): void {
    const fastify = httpServerOf(this.server);
    if (fastify !== undefined) showErrorsToPeople(fastify, this.renderer, this.shop);
  }
}

/** Undefined on the command line, where nothing is served. */
function httpServerOf({ httpAdapter }: Partial<HttpAdapterHost>): FastifyInstance | undefined {
  return httpAdapter?.getInstance<FastifyInstance>();
}
