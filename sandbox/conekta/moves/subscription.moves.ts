import { invalid } from '../conekta.errors.js';
import { newId } from '../conekta.ids.js';
import type { Customer, Plan, Subscription } from '../conekta.types.js';
import type { ConektaWorld, SubscriptionRecord } from '../conekta.world.js';
import type { SubscriptionCreateParams, SubscriptionUpdateParams } from '../params/subscription.params.js';
import { isComplete, payCycle, startCycle } from './billing.cycle.js';
import { ownCard } from './payer.moves.js';
import { namedPlan } from './plan.moves.js';
import { cancelSubscription, requireRunning, setSubscription } from './subscription.status.js';
import type { CustomerCreateParams } from '../params/customer.params.js';
import { createCustomer, requireCard } from './customer.moves.js';

const DAY = 24 * 60 * 60;

/** Subscribes a customer; without a trial it is charged at once. Throws 422 for no such plan or card. */
export function createSubscription(
  world: ConektaWorld,
  customer: Customer,
  params: SubscriptionCreateParams,
): SubscriptionRecord {
  const plan = namedPlan(world, params.plan_id, 'plan_id');
  const { source } = ownCard(world, customer, params.card_id ?? null, 'card_id');
  const trialEnd = trialEndOf(world, plan, params.trial_end);
  const subscription = newSubscription(world, { customer, plan, cardId: source.id, trialEnd });
  const record: SubscriptionRecord = { subscription, plan, cycle: null, dueAt: trialEnd };
  world.subscriptions.set(subscription.id, record);
  customer.subscription = subscription;
  world.log.emit('subscription.created', subscription);
  if (trialEnd <= subscription.created_at) startCycle(world, record, subscription.created_at);
  return record;
}

/** Another plan is charged from the end of the present cycle on. Throws 422 for what cannot be changed. */
export function updateSubscription(
  world: ConektaWorld,
  record: SubscriptionRecord,
  params: SubscriptionUpdateParams,
): void {
  const { plan_id: planId, card_id: cardId, trial_end: trialEnd } = params;
  const { subscription } = record;
  requireRunning(record);
  const plan = planId === undefined ? record.plan : namedPlan(world, planId, 'plan_id');
  if (cardId !== undefined) ownCard(world, world.customer(subscription.customer_id), cardId, 'card_id');
  if (trialEnd !== undefined) {
    requireStatus(record, 'in_trial');
    record.dueAt = trialEndOf(world, plan, trialEnd);
  }
  record.plan = plan;
  setSubscription(world, record, params, 'subscription.updated');
}

export function pauseSubscription(world: ConektaWorld, record: SubscriptionRecord): void {
  requireStatus(record, 'active');
  record.dueAt = null;
  setSubscription(
    world,
    record,
    { status: 'paused', paused_at: world.clock.seconds() },
    'subscription.paused',
  );
}

/** The next cycle comes when the present one ends; one that ended meanwhile is followed by one from now. */
export function resumeSubscription(world: ConektaWorld, record: SubscriptionRecord): void {
  requireStatus(record, 'paused');
  const now = world.clock.seconds();
  const { billing_cycle_end: end } = record.subscription;
  record.dueAt = end;
  setSubscription(world, record, { status: 'active', paused_at: null }, 'subscription.resumed');
  if (end !== null && end > now) return;
  if (isComplete(record)) return cancelSubscription(world, record, 'completed');
  startCycle(world, record, now);
}

/** Charges what is due now; the planned tries stay. A refusal shows in the subscription. */
export function retrySubscription(world: ConektaWorld, record: SubscriptionRecord): void {
  requireStatus(record, 'past_due');
  payCycle(world, record, { planned: false });
}

interface SubscriptionParts {
  customer: Customer;
  plan: Plan;
  cardId: string;
  trialEnd: number;
}

function newSubscription(world: ConektaWorld, parts: SubscriptionParts): Subscription {
  const { customer, plan, cardId, trialEnd } = parts;
  const now = world.clock.seconds();
  const { custom_reference: reference } = customer;
  return {
    id: newId('sub'),
    object: 'subscription',
    status: 'in_trial',
    plan_id: plan.id,
    customer_id: customer.id,
    ...(reference !== undefined && { customer_custom_reference: reference }),
    card_id: cardId,
    charge_id: null,
    created_at: now,
    subscription_start: now,
    trial_start: now,
    trial_end: trialEnd,
    billing_cycle_start: null,
    billing_cycle_end: null,
    paused_at: null,
    canceled_at: null,
  };
}

/** Now, where there is no trial. Throws 422 for a moment that is over. */
function trialEndOf(world: ConektaWorld, plan: Plan, asked: number | undefined): number {
  const now = world.clock.seconds();
  if (asked === undefined) return now + (plan.trial_period_days ?? 0) * DAY;
  if (asked > now) return asked;
  throw invalid('trial_end', 'in_the_past', {
    es: 'El periodo de prueba debe terminar en el futuro.',
    en: 'The trial must end in the future.',
  });
}

const STATUS_WORDS = {
  active: { es: 'activa', en: 'active' },
  in_trial: { es: 'en periodo de prueba', en: 'in its trial' },
  past_due: { es: 'pendiente de pago', en: 'past due' },
  paused: { es: 'en pausa', en: 'paused' },
};

function requireStatus({ subscription }: SubscriptionRecord, needed: keyof typeof STATUS_WORDS): void {
  if (subscription.status === needed) return;
  const words = STATUS_WORDS[needed];
  throw invalid('subscription', `not_${needed}`, {
    es: `La suscripción no está ${words.es}.`,
    en: `The subscription is not ${words.en}.`,
  });
}

/** `POST /customers`: a customer, subscribed at once where the request names a plan. */
export function signUp(world: ConektaWorld, params: CustomerCreateParams): Customer {
  const { plan_id: planId, subscription = planId === undefined ? undefined : { plan_id: planId } } = params;
  if (!subscription) return createCustomer(world, params);
  // Before anything is made and a token is spent.
  namedPlan(world, subscription.plan_id, params.subscription ? 'subscription.plan_id' : 'plan_id');
  requireCard(params);
  const customer = createCustomer(world, params);
  createSubscription(world, customer, subscription);
  return customer;
}
