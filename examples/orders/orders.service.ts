import { Inject, Injectable } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { CREATE_PAYMENT_SESSION, type CreatePaymentSession, type PaymentSession } from 'payments-client';
import { catchError, firstValueFrom, throwError, timeout } from 'rxjs';
import type { Order } from './order.js';
import type { CheckoutDto, CreateOrderDto } from './orders.dto.js';
import { OrderError } from './orders.errors.js';
import { OrdersStore } from './orders.store.js';

/** The token of the NATS client, named as the course names it. */
export const NATS_SERVICE = 'NATS_SERVICE';

const PAYMENTS_ANSWER_WITHIN_MS = 15_000;

@Injectable()
export class OrdersService {
  constructor(
    private readonly store: OrdersStore,
    @Inject(NATS_SERVICE) private readonly client: ClientProxy,
  ) {}

  /**
   * Stores the order, then asks the payments service for a checkout session.
   * @throws OrderError 502 when that is refused or does not answer: the order stays, unpaid
   */
  async create(request: CreateOrderDto): Promise<{ order: Order; paymentSession: PaymentSession }> {
    const order = await this.findOne(await this.store.create(request));
    return { order, paymentSession: await this.createPaymentSession(order, request.checkout) };
  }

  /** @throws OrderError 404 */
  async findOne(id: string): Promise<Order> {
    const order = await this.store.findOne(id);
    if (!order) throw new OrderError(404, `Order ${id} not found`);
    return order;
  }

  findLatest(): Promise<Order[]> {
    return this.store.findLatest();
  }

  private createPaymentSession(order: Order, checkout: CheckoutDto | undefined): Promise<PaymentSession> {
    const request: CreatePaymentSession = {
      orderId: order.id,
      currency: order.currency,
      items: order.OrderItem.map(({ name, price, quantity }) => ({ name, price, quantity })),
      ...checkout,
    };
    // Without a timeout the request would wait for ever while the broker is away.
    return firstValueFrom(
      this.client.send<PaymentSession>(CREATE_PAYMENT_SESSION, request).pipe(
        timeout(PAYMENTS_ANSWER_WITHIN_MS),
        catchError((error: unknown) =>
          throwError(
            () => new OrderError(502, `No payment session for order ${order.id}: ${reasonOf(error)}`),
          ),
        ),
      ),
    );
  }
}

/** The payments service refuses with `{code, message, details}`; a lost connection comes as a plain text. */
function reasonOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return String(hasMessage ? error.message : error);
}
