import { newIntent } from '../objects/intent.object.js';
import type { Payer } from '../objects/method.object.js';
import type { IntentRecord, PaymentMethod, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

/** The payment intent of a session: made at the customer's first attempt, the same one afterwards. */
export function intentOf(world: StripeWorld, record: SessionRecord): IntentRecord {
  const { session } = record;
  if (session.payment_intent) return world.intent(session.payment_intent);
  const intent = newIntent(world, {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
    methods: session.payment_method_types,
    captureMethod: record.captureMethod,
    metadata: record.intentMetadata,
    customer: session.customer,
    description: record.intentDescription,
    receiptEmail: record.receiptEmail,
    shipping: record.intentShipping,
    automaticMethods: false,
    oxxoDays: session.payment_method_options?.oxxo?.expires_after_days,
    installments: record.installments,
    futureUsage: record.futureUsage,
  });
  const started = { intent, sessionId: session.id, invoiceId: null };
  world.intents.set(intent.id, started);
  session.payment_intent = intent.id;
  world.log.emit('payment_intent.created', intent);
  return started;
}

/** Puts a payment method to an intent and clears what the attempt before it left. */
export function useMethod(world: StripeWorld, record: IntentRecord, method: PaymentMethod): void {
  world.paymentMethods.set(method.id, method);
  record.intent.payment_method = method.id;
  record.intent.last_payment_error = null;
}

/** Who pays, as far as the session knows. */
export function payerOf(record: SessionRecord, typed: Partial<Payer> = {}): Payer {
  const known = record.session.customer_details;
  return {
    email: known?.email ?? typed.email ?? 'buyer@example.com',
    name: typed.name ?? known?.name ?? 'Sandbox Buyer',
  };
}
