import { sessionCreate } from '../params/session.params.js';
import { decodeForm } from '../stripe.form.js';
import type { LegacySessionRequest } from '../stripe.sandbox.types.js';
import type { Session } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { createSession } from './session.create.js';

const DEFAULT_ITEMS = [{ name: 'Teclado', price: 19.99, quantity: 2 }];

/**
 * A session as the payments service of the course opens it: `orderId` in
 * `payment_intent_data.metadata` and nowhere else. It passes the same checks as one from outside.
 */
export function createLegacySession(world: StripeWorld, request: LegacySessionRequest): Session {
  const form = new URLSearchParams({
    mode: 'payment',
    success_url: request.successUrl ?? 'http://localhost:3003/payments/success',
    cancel_url: request.cancelUrl ?? 'http://localhost:3003/payments/cancel',
    'payment_intent_data[metadata][orderId]': request.orderId,
    ...(request.promotionCodes === true && { allow_promotion_codes: 'true' }),
  });
  for (const [key, value] of Object.entries(request.metadata ?? {})) form.set(`metadata[${key}]`, value);
  (request.items ?? DEFAULT_ITEMS).forEach((item, index) => {
    const line = `line_items[${index}]`;
    form.set(`${line}[quantity]`, String(item.quantity));
    form.set(`${line}[price_data][currency]`, request.currency ?? 'usd');
    form.set(`${line}[price_data][product_data][name]`, item.name);
    // That service multiplies and rounds like this.
    form.set(`${line}[price_data][unit_amount]`, String(Math.round(item.price * 100)));
  });
  return createSession(world, sessionCreate(decodeForm(form.toString()), ''));
}
