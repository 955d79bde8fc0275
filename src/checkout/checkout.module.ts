import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CustomersModule } from '../customers/customers.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { CardErrorFilter, CardHttpController } from './card/card.http.controller.js';
import { CardPageSource, StoredCardPages } from './card/card.page.js';
import { CardForms } from './card/card.form.js';
import { PageErrorFilter, showErrorsToPeople } from './page/page.error.filter.js';
import { PageRenderer } from './page/page.renderer.js';
import { ShopHome } from './page/shop.url.js';
import { PayPages } from './payment/pay.pages.js';
import { PaymentPagesHttpController } from './payment/payment.http.controller.js';
import { PaymentPageSource, StoredPaymentPages } from './payment/payment.page.js';

@Module({
  imports: [PaymentsModule, CustomersModule],
  controllers: [PaymentPagesHttpController, CardHttpController],
  providers: [
    ShopHome,
    PageErrorFilter,
    PageRenderer,
    PayPages,
    { provide: PaymentPageSource, useClass: StoredPaymentPages },
    CardForms,
    CardErrorFilter,
    { provide: CardPageSource, useClass: StoredCardPages },
  ],
})
export class CheckoutModule implements OnModuleInit {
  constructor(
    private readonly server: HttpAdapterHost,
    private readonly renderer: PageRenderer,
    private readonly shop: ShopHome,
  ) {}

  onModuleInit(): void {
    showErrorsToPeople(this.server.httpAdapter.getInstance<FastifyInstance>(), this.renderer, this.shop);
  }
}
