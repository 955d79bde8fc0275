import { newSetupIntent } from '../objects/setup.object.js';
import type { SetupConfirmParams, SetupCreateParams } from '../params/setup.params.js';
import { badParameter, refused, StripeError } from '../stripe.errors.js';
import type { PaymentMethod, SetupIntent, SetupRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { methodNamed, requireFresh } from './method.moves.js';
import { trySetup } from './setup.moves.js';

const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** A setup intent without a session, as a server that shows the card form itself makes it. */
export function createSetup(world: StripeWorld, params: SetupCreateParams): SetupIntent {
  if (params.customer !== undefined) world.customer(params.customer, 'customer');
  const intent = newSetupIntent(world, {
    customer: params.customer ?? null,
    metadata: params.metadata ?? {},
    description: params.description ?? null,
    usage: params.usage ?? 'off_session',
    automaticMethods: params.automatic_payment_methods?.enabled !== false,
  });
  if (params.payment_method !== undefined) chooseMethod(world, intent, params.payment_method);
  const record: SetupRecord = { intent, sessionId: null };
  world.setupIntents.set(intent.id, record);
  world.log.emit('setup_intent.created', intent);
  return params.confirm ? confirmSetup(world, record, { return_url: params.return_url }) : intent;
}

/** Throws 402 with the setup intent when the bank does not let the card be kept. */
export function confirmSetup(
  world: StripeWorld,
  record: SetupRecord,
  params: SetupConfirmParams,
): SetupIntent {
  const { intent } = record;
  if (record.sessionId) throw refused('You cannot confirm the SetupIntent of a Checkout Session.');
  requireOpen(intent, 'confirmed');
  const id = params.payment_method ?? intent.payment_method;
  if (!id) {
    throw badParameter('You must provide a payment method to confirm this SetupIntent.', 'payment_method');
  }
  const method = chooseMethod(world, intent, id);
  const outcome = trySetup(world, record, method, params.use_stripe_sdk ? undefined : params.return_url);
  if (outcome !== 'declined') return intent;
  const error = intent.last_setup_error;
  throw new StripeError(402, error?.message ?? 'Your card was declined.', {
    type: 'card_error',
    code: error?.code,
    decline_code: error?.decline_code,
    extra: { setup_intent: structuredClone(intent) },
  });
}

/** Throws 400 for a setup intent that has come to its end. */
export function requireOpen(intent: SetupIntent, verb: string): void {
  if (OPEN.includes(intent.status)) return;
  const message = `You cannot perform this action: a SetupIntent with a status of ${intent.status} may not be ${verb}.`;
  throw refused(message, {
    code: 'setup_intent_unexpected_state',
    extra: { setup_intent: structuredClone(intent) },
  });
}

function chooseMethod(world: StripeWorld, intent: SetupIntent, id: string): PaymentMethod {
  const method = methodNamed(world, id, 'payment_method');
  requireFresh(world, method);
  if (method.customer !== null && method.customer !== intent.customer) {
    const message = `The payment method supplied (${method.id}) belongs to another Customer.`;
    throw refused(message, { param: 'payment_method' });
  }
  intent.payment_method = method.id;
  intent.status = 'requires_confirmation';
  return method;
}
