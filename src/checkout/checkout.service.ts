import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { ServiceError } from '../kernel/errors.js';
import { type PaymentPage, PaymentPageSource } from './payment.page.js';

/** Finds the payment that a customer's page is about, by what the URL says. */
@Injectable()
export class CheckoutService {
  constructor(private readonly payments: PaymentPageSource) {}

  /** @throws ServiceError not_found for an id that is unknown or none at all. */
  async get(id: string): Promise<PaymentPage> {
    const payment = await this.find(id);
    if (payment === undefined) throw new ServiceError('not_found', 'there is no such payment');
    return payment;
  }

  /** @param id from a query string: anything. @returns undefined unless it is a payment's id. */
  async find(id: unknown): Promise<PaymentPage | undefined> {
    return typeof id === 'string' && isUuid(id) ? this.payments.find(id.toLowerCase()) : undefined;
  }

  /**
   * The payment that a customer comes back from.
   * @param id `payment` of the query string.
   * @param sessionId `session_id` of it, as shops write it for `{CHECKOUT_SESSION_ID}`: the provider's session or, where
   * a provider has none for addresses, our own id.
   */
  async findReturned(id: unknown, sessionId: unknown): Promise<PaymentPage | undefined> {
    const named = await this.find(id ?? sessionId);
    const isSession = typeof sessionId === 'string' && /^\w{1,255}$/.test(sessionId);
    return named ?? (isSession ? this.payments.findBySession(sessionId) : undefined);
  }
}
