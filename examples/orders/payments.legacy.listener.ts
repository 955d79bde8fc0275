import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { LEGACY_PAYMENT_SUCCEEDED } from 'payments-client';
import { OrderError } from './orders.errors.js';
import { OrdersStore } from './orders.store.js';
import { PaidOrderDto } from './paid-order.dto.js';

/**
 * The course's listener, on core NATS: the broker keeps nothing, so what arrives while this process is down or
 * its database fails is lost to it, and a second arrival throws on the receipt's uniqueness.
 */
@Controller()
export class LegacyPaymentsListener {
  constructor(private readonly store: OrdersStore) {}

  @EventPattern(LEGACY_PAYMENT_SUCCEEDED)
  async paymentSucceeded(@Payload() paid: PaidOrderDto): Promise<void> {
    await this.store.count('legacy_events', paid.orderId);
    await this.store.transaction(async (tx) => {
      const known = await this.store.markPaid(tx, paid.orderId, paid.stripePaymentId);
      if (!known) throw new OrderError(404, `Order ${paid.orderId} not found`);
      await this.store.addReceipt(tx, paid.orderId, paid.receiptUrl);
    });
  }
}
