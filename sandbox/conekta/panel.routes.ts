import { stringIn } from '../control.input.js';
import type { ControlTable } from '../control.server.js';
import type { ConektaPanel } from './conekta.panel.types.js';
import { customerCreate, customerUpdate } from './params/customer.params.js';
import { planCreate, planUpdate } from './params/plan.params.js';
import { subscriptionCreate, subscriptionUpdate } from './params/subscription.params.js';

/** The panel's acts over HTTP: the bodies are those of the API. */
export function panelControls(panel: ConektaPanel): ControlTable['posts'] {
  return {
    'panel/customers': (_id, input) => panel.createCustomer(customerCreate(input, '')),
    'panel/customers/:id': (id, input) => panel.updateCustomer(id, customerUpdate(input, '')),
    'panel/customers/:id/delete': (id) => panel.deleteCustomer(id),
    'panel/customers/:id/cards': (id, input) => panel.addCard(id, stringIn(input, 'token_id')),
    'panel/customers/:id/cards/delete': (id, input) => panel.deleteCard(id, stringIn(input, 'source_id')),
    'panel/customers/:id/subscriptions': (id, input) =>
      panel.createSubscription(id, subscriptionCreate(input, '')),
    'panel/plans': (_id, input) => panel.createPlan(planCreate(input, '')),
    'panel/plans/:id': (id, input) => panel.updatePlan(id, planUpdate(input, '')),
    'panel/plans/:id/delete': (id) => panel.deletePlan(id),
    'panel/subscriptions/:id': (id, input) => panel.updateSubscription(id, subscriptionUpdate(input, '')),
    'panel/subscriptions/:id/pause': (id) => panel.pauseSubscription(id),
    'panel/subscriptions/:id/resume': (id) => panel.resumeSubscription(id),
    'panel/subscriptions/:id/retry': (id) => panel.retrySubscription(id),
    'panel/subscriptions/:id/cancel': (id) => panel.cancelSubscription(id),
  };
}
