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
}
