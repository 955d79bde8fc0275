import { Injectable } from '@nestjs/common';
import { ReturnUrlSettings, ServiceSettings } from '../config/settings.js';
import { invalidField } from '../kernel/errors.js';

/** Where the customer's browser goes after the checkout, and where a request may send it. */
@Injectable()
export class ReturnUrls {
  /** Our own origin, those of the configured pages, and REDIRECT_ORIGINS. */
  private readonly origins: ReadonlySet<string>;

  constructor(
    private readonly settings: ReturnUrlSettings,
    private readonly service: ServiceSettings,
  ) {
    const { success, cancel } = settings;
    const pages = [...Object.values(success), ...Object.values(cancel), service.publicUrl];
    this.origins = new Set([...pages.map((url) => new URL(url).origin), ...service.redirectOrigins]);
  }

  /** @throws ServiceError invalid_request when a browser would be sent to an origin that nobody allowed. */
  check(url: string | undefined, field: 'successUrl' | 'cancelUrl' | 'returnUrl'): string | undefined {
    if (url === undefined) return undefined;
    if (!/^https?:\/\/[^\s\\]+$/i.test(url) || !URL.canParse(url))
      throw invalidField(field, 'must be an absolute http or https URL');
    const { username, password, origin } = new URL(url);
    if (username !== '' || password !== '') throw invalidField(field, 'must not carry a user or password');
    if (!this.origins.has(origin))
      throw invalidField(field, 'must be at an allowed origin (REDIRECT_ORIGINS)');
    return url;
  }

  successFor(provider: string, paymentId: string): string {
    const { success } = this.settings;
    return success[provider] ?? success['*'] ?? this.ownPage('success', paymentId);
  }

  cancelFor(provider: string, paymentId: string): string {
    const { cancel } = this.settings;
    return cancel[provider] ?? cancel['*'] ?? this.ownPage('cancel', paymentId);
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
