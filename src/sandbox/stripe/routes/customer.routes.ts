import { newCustomer } from '../objects/customer.object.js';
import {
  customerCreate,
  customerList,
  customerUpdate,
  type CustomerFields,
} from '../params/customer.params.js';
import { justExpand } from '../params/money.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { badParameter } from '../stripe.errors.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import type { Customer } from '../stripe.types.js';
import { route } from './api.route.js';

const PATH = '/v1/customers';

export const customerRoutes = [
  route('POST', PATH, customerCreate, (world, { params }) => {
    checkEmail(params.email);
    const customer = newCustomer(world, {});
    applyFields(customer, params);
    world.customers.set(customer.id, customer);
    world.log.emit('customer.created', customer);
    return customer;
  }),

  route('GET', PATH, customerList, (world, { params }) => {
    const customers = newestFirst(world.customers.values())
      .filter((customer) => isWithin(customer.created, params.created))
      .filter(({ email }) => params.email === undefined || email === params.email);
    return pageOf(customers, params, PATH);
  }),

  route('GET', `${PATH}/:id`, justExpand, (world, { id }) =>
    world.deletedCustomers.has(id) ? { id, object: 'customer', deleted: true } : world.customer(id),
  ),

  route('POST', `${PATH}/:id`, customerUpdate, (world, { id, params }) => {
    checkEmail(params.email);
    const customer = world.customer(id);
    const before = structuredClone(customer);
    applyFields(customer, params);
    world.log.emit('customer.updated', customer, changed(before, customer));
    return customer;
  }),

  route('DELETE', `${PATH}/:id`, justExpand, (world, { id }) => {
    const customer = world.customer(id);
    world.customers.delete(id);
    world.deletedCustomers.add(id);
    world.log.emit('customer.deleted', customer);
    return { id, object: 'customer', deleted: true };
  }),
];

function applyFields(customer: Customer, fields: CustomerFields): void {
  for (const name of ['email', 'name', 'phone', 'description'] as const) {
    const value = fields[name];
    if (value !== undefined) customer[name] = value === '' ? null : value;
  }
  if (fields.metadata) customer.metadata = mergedMetadata(customer.metadata, fields.metadata);
  if (fields.preferred_locales) customer.preferred_locales = fields.preferred_locales;
  if (fields.tax_exempt !== undefined) customer.tax_exempt = fields.tax_exempt || 'none';
  if (fields.balance !== undefined) customer.balance = fields.balance;
  const address = fields.address;
  if (!address) return;
  const part = (value: string | undefined) => value || null;
  customer.address = {
    city: part(address.city),
    country: part(address.country),
    line1: part(address.line1),
    line2: part(address.line2),
    postal_code: part(address.postal_code),
    state: part(address.state),
  };
}

function checkEmail(email: string | undefined): void {
  if (email === undefined || email === '' || /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) return;
  throw badParameter(`Invalid email address: ${email.slice(0, 60)}`, 'email', 'email_invalid');
}

function changed(before: Customer, after: Customer): Record<string, unknown> {
  const now = new Map<string, unknown>(Object.entries(after));
  const differs = ([name, value]: [string, unknown]) =>
    JSON.stringify(now.get(name)) !== JSON.stringify(value);
  return Object.fromEntries(Object.entries(before).filter(differs));
}
