import type { ConektaPanel } from './conekta.panel.types.js';
import type { ConektaWorld, SubscriptionRecord } from './conekta.world.js';
import { createSource, deleteCustomer, deleteSource, updateCustomer } from './moves/customer.moves.js';
import { createPlan, deletePlan, updatePlan } from './moves/plan.moves.js';
import {
  signUp,
  createSubscription,
  pauseSubscription,
  resumeSubscription,
  retrySubscription,
  updateSubscription,
} from './moves/subscription.moves.js';
import { cancelSubscription } from './moves/subscription.status.js';
import { customerCreate, customerUpdate } from './params/customer.params.js';
import { planCreate, planUpdate } from './params/plan.params.js';
import { subscriptionCreate, subscriptionUpdate } from './params/subscription.params.js';

/** @param act plays what is due first, and gives a copy of what the change answers */
export function newPanel(world: ConektaWorld, act: <T>(change: () => T) => Promise<T>): ConektaPanel {
  const changed = <T>(one: T, change: (one: T) => void): T => {
    change(one);
    return one;
  };
  const onSubscription = (id: string, change: (record: SubscriptionRecord) => void) =>
    act(() => changed(world.subscription(id), change).subscription);
  return {
    createCustomer: (fields) => act(() => signUp(world, customerCreate(fields, ''))),
    updateCustomer: (id, fields) =>
      act(() => changed(world.customer(id), (one) => updateCustomer(world, one, customerUpdate(fields, '')))),
    deleteCustomer: (id) => act(() => changed(world.customer(id), (one) => deleteCustomer(world, one))),
    addCard: (id, tokenId) =>
      act(() => {
        const customer = world.customer(id);
        const source = createSource(world, customer, { type: 'card', token_id: tokenId });
        world.log.emit('customer.updated', customer);
        return source;
      }),
    deleteCard: (id, sourceId) => act(() => deleteSource(world, world.customer(id), sourceId)),
    createPlan: (fields) => act(() => createPlan(world, planCreate(fields, ''))),
    updatePlan: (id, fields) =>
      act(() => changed(world.plan(id), (plan) => updatePlan(world, plan, planUpdate(fields, '')))),
    deletePlan: (id) => act(() => changed(world.plan(id), (plan) => deletePlan(world, plan))),
    createSubscription: (customerId, fields) =>
      act(() => {
        const params = subscriptionCreate(fields, '');
        return createSubscription(world, world.customer(customerId), params).subscription;
      }),
    updateSubscription: (id, fields) =>
      onSubscription(id, (record) => updateSubscription(world, record, subscriptionUpdate(fields, ''))),
    changePlan: (id, planId) =>
      onSubscription(id, (record) => updateSubscription(world, record, { plan_id: planId })),
    pauseSubscription: (id) => onSubscription(id, (record) => pauseSubscription(world, record)),
    resumeSubscription: (id) => onSubscription(id, (record) => resumeSubscription(world, record)),
    retrySubscription: (id) => onSubscription(id, (record) => retrySubscription(world, record)),
    cancelSubscription: (id) => onSubscription(id, (record) => cancelSubscription(world, record)),
  };
}
