import { Module } from '@nestjs/common';
import { CheckoutService } from './checkout.service.js';
import { PageErrorFilter } from './page/page.error.filter.js';
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
  imports: [PaymentsModule],
  controllers: [PayHttpController, ReturnHttpController, ReceiptHttpController, RootHttpController],
  providers: [
    CheckoutService,
    PageErrorFilter,
    PageRenderer,
    PayPages,
    EmbeddedCheckouts,
    { provide: PaymentPageSource, useClass: StoredPaymentPages },
  ],
  exports: [CheckoutService, PageRenderer, PageErrorFilter],
})
export class CheckoutModule {}
