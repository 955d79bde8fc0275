import { Module } from '@nestjs/common';
import { CheckoutService } from './checkout.service.js';
import { PageErrorFilter } from './page.error.filter.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { PaymentPageSource } from './payment.page.js';
import { StoredPaymentPages } from './payment.page.source.js';
import { PageRenderer } from './page.renderer.js';
import { ReceiptHttpController } from './receipt.http.controller.js';
import { ReturnHttpController } from './return.http.controller.js';
import { RootHttpController } from './root.http.controller.js';

/** The customer's pages. */
@Module({
  imports: [PaymentsModule],
  controllers: [ReturnHttpController, ReceiptHttpController, RootHttpController],
  providers: [
    CheckoutService,
    PageErrorFilter,
    PageRenderer,
    { provide: PaymentPageSource, useClass: StoredPaymentPages },
  ],
  exports: [CheckoutService, PageRenderer, PageErrorFilter],
})
export class CheckoutModule {}
