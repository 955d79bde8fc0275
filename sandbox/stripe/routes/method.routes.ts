import { attachMethod, detachMethod, methodNamed } from '../moves/method.moves.js';
import {
  customerMethodList,
  methodAttach,
  methodList,
  methodUpdate,
  type MethodUpdateParams,
} from '../params/method.params.js';
import { justExpand } from '../params/money.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { changedFields } from '../stripe.changes.js';
import { badParameter } from '../stripe.errors.js';
import { newestFirst, pageOf } from '../stripe.lists.js';
import type { PaymentMethod } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { route } from './api.route.js';

const PATH = '/v1/payment_methods';

export const methodRoutes = [
  route('GET', PATH, methodList, (world, { params }) => {
    const methods = listed(world, params).filter(
      ({ customer }) => params.customer === undefined || customer === params.customer,
    );
    return pageOf(methods, params, PATH);
  }),

  route('GET', '/v1/customers/:id/payment_methods', customerMethodList, (world, { id, params }) => {
    world.customer(id);
    const methods = listed(world, params).filter(({ customer }) => customer === id);
    return pageOf(methods, params, `/v1/customers/${id}/payment_methods`);
  }),

  route('GET', `${PATH}/:id`, justExpand, (world, { id }) => world.paymentMethod(id)),

  route('POST', `${PATH}/:id`, methodUpdate, (world, { id, params }) => {
    const method = world.paymentMethod(id);
    const before = structuredClone(method);
    applyFields(method, params);
    world.log.emit('payment_method.updated', method, changedFields(before, method));
    return method;
  }),

  route('POST', `${PATH}/:id/attach`, methodAttach, (world, { id, params }) => {
    if (params.customer === undefined) {
      throw badParameter('Missing required param: customer.', 'customer', 'parameter_missing');
    }
    const customer = world.customer(params.customer, 'customer');
    return attachMethod(world, methodNamed(world, id, 'id'), customer);
  }),

  route('POST', `${PATH}/:id/detach`, justExpand, (world, { id }) =>
    detachMethod(world, world.paymentMethod(id)),
  ),
];

function listed(world: StripeWorld, filter: { type?: string; allow_redisplay?: string }): PaymentMethod[] {
  return newestFirst(world.paymentMethods.values())
    .filter(({ type }) => filter.type === undefined || type === filter.type)
    .filter((method) => !filter.allow_redisplay || method.allow_redisplay === filter.allow_redisplay);
}

function applyFields(method: PaymentMethod, params: MethodUpdateParams): void {
  method.metadata = mergedMetadata(method.metadata ?? {}, params.metadata);
  if (params.allow_redisplay) method.allow_redisplay = params.allow_redisplay;
  for (const name of ['email', 'name', 'phone'] as const) {
    const value = params.billing_details?.[name];
    if (value !== undefined) method.billing_details[name] = value || null;
  }
  if (!method.card) return;
  method.card.exp_month = params.card?.exp_month ?? method.card.exp_month;
  method.card.exp_year = params.card?.exp_year ?? method.card.exp_year;
}
