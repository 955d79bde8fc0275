import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { Money } from '../../kernel/money.js';
import { withSessionId } from '../../kernel/web.address.js';
import type { PaymentRow } from '../../payments/payment/payment.tables.js';
import { PaymentsService } from '../../payments/payment/payments.service.js';
import { ShopHome, shopUrl } from '../page/shop.url.js';
import { type PaymentPage, PaymentPageSource } from './payment.page.js';

/** The pages' view of our payments. */
@Injectable()
export class StoredPaymentPages extends PaymentPageSource {
  constructor(
    private readonly payments: PaymentsService,
    private readonly service: ServiceSettings,
    private readonly shop: ShopHome,
  ) {
    super();
  }

  protected async read(id: string): Promise<PaymentPage | undefined> {
    const payment = await this.payments.find(id);
    if (payment === undefined) return undefined;
    return {
      ...pageOf(payment, this.service.publicUrl),
      received: await this.receivedOf(payment),
      homeUrl: this.shop.url,
    };
  }

  /** Of another currency nothing counts as captured; what came is in the payment's history. */
  private async receivedOf({ id, status, amountCaptured, currency }: PaymentRow): Promise<Money | undefined> {
    if (status !== 'review') return undefined;
    return amountCaptured > 0n ? { amount: amountCaptured, currency } : this.payments.received(id);
  }

  protected async findBySession(sessionId: string): Promise<PaymentPage | undefined> {
    const payment = await this.payments.findBySession(sessionId);
    return payment === undefined ? undefined : pageOf(payment, this.service.publicUrl);
  }
}

function pageOf(payment: PaymentRow, publicUrl: string): PaymentPage {
  return {
    ...payment,
    paymentId: payment.id,
    items: payment.items.map((item) => ({ ...item, unitAmount: BigInt(item.unitAmount) })),
    adjustments: payment.adjustments.map((line) => ({ ...line, amount: BigInt(line.amount) })),
    method: payment.method ?? undefined,
    failure: payment.failure?.reason,
    paidAt: payment.paidAt ?? undefined,
    expiresAt: payment.expiresAt ?? undefined,
    checkoutUrl: payment.checkoutUrl ?? undefined,
    embed: payment.embed ?? undefined,
    continueUrl: shopUrl(withSession(payment.successUrl, payment.sessionId), publicUrl),
    backUrl: shopUrl(withSession(payment.cancelUrl, payment.sessionId), publicUrl),
  };
}

/** A shop may have the session's id put into its address, in the way of hosted pages; on ours it is up to us. */
function withSession(url: string | null, sessionId: string | null): string | null {
  return url === null ? null : withSessionId(url, sessionId ?? '');
}
