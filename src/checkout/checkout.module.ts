import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { CardErrorFilter } from './card/card.error.filter.js';
import { CardForms } from './card/card.forms.js';
import { CardHttpController } from './card/card.http.controller.js';
import { CardPageSource } from './card/card.page.js';
import { StoredCardPages } from './card/card.page.source.js';
import { CardPages } from './card/card.pages.js';
import { CardPagesService } from './card/card.pages.service.js';
import { CheckoutService } from './checkout.service.js';
import { PageErrorFilter } from './page/page.error.filter.js';
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
  exports: [CheckoutService, PageRenderer, PageErrorFilter, ShopHome],
})
export class CheckoutModule {}
