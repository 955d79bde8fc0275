import type { Customer } from '../conekta.types.js';
import { createSource, deleteCustomer, deleteSource, updateCustomer } from '../moves/customer.moves.js';
import { sourceOf } from '../moves/payer.moves.js';
import { signUp } from '../moves/subscription.moves.js';
import { createToken } from '../moves/token.moves.js';
import {
  customerCreate,
  customerUpdate,
  sourceCreate,
  sourceUpdate,
  tokenCreate,
} from '../params/customer.params.js';
import { bare, withBody } from './api.route.js';

const SOURCES = '/customers/:id/payment_sources';

export const customerRoutes = [
  withBody('POST', '/customers', customerCreate, (world, { params }) => signUp(world, params)),

  bare('GET', '/customers', (world, { query }) => {
    const wanted = query.get('search');
    const customers = [...world.customers.values()].reverse();
    return world.page(
      customers.filter((one) => wanted === null || namesOf(one).includes(wanted)),
      query,
      `/customers`,
    );
  }),

  bare('GET', '/customers/:id', (world, { id }) => world.customer(id)),

  withBody('PUT', '/customers/:id', customerUpdate, (world, { id, params }) => {
    const customer = world.customer(id);
    updateCustomer(world, customer, params);
    return customer;
  }),

  bare('DELETE', '/customers/:id', (world, { id }) => {
    const customer = world.customer(id);
    deleteCustomer(world, customer);
    return customer;
  }),

  withBody('POST', SOURCES, sourceCreate, (world, { id, params }) => {
    const customer = world.customer(id);
    const source = createSource(world, customer, params);
    world.log.emit('customer.updated', customer);
    return source;
  }),

  bare('GET', SOURCES, (world, { id, query }) => {
    const { data } = world.customer(id).payment_sources;
    return world.page(data, query, `/customers/${id}/payment_sources`);
  }),

  withBody('PUT', `${SOURCES}/:inner`, sourceUpdate, (world, { id, inner, params }) => {
    const { source } = sourceOf(world, world.customer(id), inner);
    if (params.name !== undefined) source.name = params.name;
    const { expires_at: expiry } = params;
    if (expiry !== undefined) source.expires_at = source.type === 'spei_recurrent' ? String(expiry) : expiry;
    return source;
  }),

  bare('DELETE', `${SOURCES}/:inner`, (world, { id, inner }) =>
    deleteSource(world, world.customer(id), inner),
  ),
];

export const tokenRoutes = [
  withBody('POST', '/tokens', tokenCreate, (world, { params }) => createToken(world, params)),
];

/** By which Conekta searches them. */
function namesOf({ id, name, email, phone, custom_reference: reference }: Customer): (string | undefined)[] {
  return [id, name, email, phone, reference];
}
