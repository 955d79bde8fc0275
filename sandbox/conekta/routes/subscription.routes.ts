import { invalid, notFound } from '../conekta.errors.js';
import type { List, ConektaEvent, Subscription } from '../conekta.types.js';
import type { ConektaWorld, SubscriptionRecord } from '../conekta.world.js';
import {
  createSubscription,
  pauseSubscription,
  resumeSubscription,
  retrySubscription,
  updateSubscription,
} from '../moves/subscription.moves.js';
import { cancelSubscription } from '../moves/subscription.status.js';
import { missing } from '../params/rules.js';
import {
  oldSubscriptionCreate,
  subscriptionCreate,
  subscriptionUpdate,
} from '../params/subscription.params.js';
import { bare, withBody, type ApiCall, type ApiRoute } from './api.route.js';

type Move = (world: ConektaWorld, record: SubscriptionRecord) => void;

const ALL = '/customers/:id/subscriptions';
const ONE = `${ALL}/:inner`;
const OLD = '/customers/:id/subscription';

const MOVES: Record<string, Move> = {
  cancel: (world, record) => cancelSubscription(world, record),
  pause: pauseSubscription,
  resume: resumeSubscription,
};

export const subscriptionRoutes = [
  withBody('POST', ALL, subscriptionCreate, (world, { id, params }) => {
    return createSubscription(world, world.customer(id), params).subscription;
  }),

  bare('GET', ALL, (world, { id, query }) => {
    const subscriptions = world.subscriptionsOf(id).map(({ subscription }) => subscription);
    return world.page(subscriptions, query, `/customers/${id}/subscriptions`);
  }),

  bare('GET', ONE, (world, call) => oneOf(world, call).subscription),

  withBody('PUT', ONE, subscriptionUpdate, (world, call) => {
    const record = oneOf(world, call);
    updateSubscription(world, record, call.params);
    return record.subscription;
  }),

  bare('GET', `${ONE}/events`, (world, call) => eventsOf(world, oneOf(world, call), call)),

  ...Object.entries({ ...MOVES, retry: retrySubscription }).map(([name, move]) =>
    bare('POST', `${ONE}/${name}`, (world, call) => moved(world, oneOf(world, call), move)),
  ),
];

/** The addresses of older versions: a customer has one subscription there. */
export const oldSubscriptionRoutes = [
  withBody('POST', OLD, oldSubscriptionCreate, (world, { id, params }) => {
    const customer = world.customer(id);
    const { plan, card, customer_id: _same, plan_id = plan, card_id = card, ...rest } = params;
    if (plan_id === undefined) throw missing('plan_id');
    requireNone(world, id);
    return createSubscription(world, customer, {
      ...rest,
      plan_id,
      ...(card_id !== undefined && { card_id }),
    }).subscription;
  }),

  bare('GET', OLD, (world, { id }) => onlyOne(world, id).subscription),

  withBody('PUT', OLD, subscriptionUpdate, (world, { id, params }) => {
    const record = onlyOne(world, id);
    updateSubscription(world, record, params);
    return record.subscription;
  }),

  bare('GET', `${OLD}/events`, (world, call) => eventsOf(world, onlyOne(world, call.id), call)),

  ...Object.entries(MOVES).map(([name, move]) =>
    bare('POST', `${OLD}/${name}`, (world, { id }) => moved(world, onlyOne(world, id), move)),
  ),
].map(counted);

function oneOf(world: ConektaWorld, { id, inner }: ApiCall): SubscriptionRecord {
  const record = world.subscription(inner);
  if (record.subscription.customer_id === world.customer(id).id) return record;
  throw notFound('subscription', inner);
}

/** The newest one that has not ended, or else the newest. */
function onlyOne(world: ConektaWorld, customerId: string): SubscriptionRecord {
  const records = world.subscriptionsOf(customerId);
  const record = records.find(({ subscription }) => subscription.status !== 'canceled') ?? records[0];
  if (record) return record;
  throw notFound('subscription of the customer', customerId);
}

function requireNone(world: ConektaWorld, customerId: string): void {
  const records = world.subscriptionsOf(customerId);
  if (records.every(({ subscription }) => subscription.status === 'canceled')) return;
  throw invalid('plan_id', 'already_subscribed', {
    es: 'El cliente ya tiene una suscripción.',
    en: 'The customer has a subscription already.',
  });
}

function moved(world: ConektaWorld, record: SubscriptionRecord, move: Move): Subscription {
  move(world, record);
  return record.subscription;
}

function eventsOf(
  world: ConektaWorld,
  { subscription }: SubscriptionRecord,
  { query }: ApiCall,
): List<ConektaEvent> {
  const events = world.log.events.filter(({ type, data: { object } }) => {
    return type.startsWith('subscription.') && object && 'id' in object && object.id === subscription.id;
  });
  const address = `/customers/${subscription.customer_id}/subscriptions/${subscription.id}/events`;
  return world.page(events.reverse(), query, address);
}

function counted(route: ApiRoute): ApiRoute {
  return {
    ...route,
    act: (world, call) => {
      world.deprecatedCalls += 1;
      return route.act(world, call);
    },
  };
}
