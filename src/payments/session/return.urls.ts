import { Injectable } from '@nestjs/common';
import { ReturnUrlSettings, ServiceSettings } from '../../config/settings.js';
import { AllowedOrigins } from '../../http/allowed.origins.js';

/** Where the customer's browser goes after the checkout. */
@Injectable()
export class ReturnUrls {
  private readonly origins: AllowedOrigins;

  constructor(
    private readonly settings: ReturnUrlSettings,
    private readonly service: ServiceSettings,
  ) {
    this.origins = new AllowedOrigins(settings, service);
  }

  /** @throws ServiceError invalid_request when a browser would be sent to an origin that nobody allowed. */
  check(url: string | undefined, field: 'successUrl' | 'cancelUrl' | 'returnUrl'): string | undefined {
    return this.origins.check(url, field);
  }

  successFor(provider: string, paymentId: string): string {
    return (
      this.settings.success[provider] ?? this.settings.success['*'] ?? this.ownPage('success', paymentId)
    );
  }

  cancelFor(provider: string, paymentId: string): string {
    return this.settings.cancel[provider] ?? this.settings.cancel['*'] ?? this.ownPage('cancel', paymentId);
  }

  /** Our page that shows an embedded checkout, and later the voucher. */
  payPage(paymentId: string): string {
    return `${this.service.publicUrl}/pay/${paymentId}`;
  }

  /** Our page that says what came of a payment, wherever the customer comes back from. */
  resultPage(paymentId: string): string {
    return this.ownPage('success', paymentId);
  }

  private ownPage(page: 'success' | 'cancel', paymentId: string): string {
    return `${this.service.publicUrl}/payments/${page}?payment=${paymentId}`;
  }
}
