import { newCustomer } from '../objects/customer.object.js';
import type { CustomerCreateParams, CustomerFields } from '../params/customer.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { changedFields } from '../stripe.changes.js';
import { badParameter } from '../stripe.errors.js';
import type { Customer } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { attachMethod, methodNamed, requireOwned } from './method.moves.js';
import { cancelSubscription, isOver } from './subscription.ends.js';

export function createCustomer(world: StripeWorld, params: CustomerCreateParams): Customer {
  const { payment_method: named, invoice_settings: settings, ...fields } = params;
  checkEmail(fields.email);
  const customer = newCustomer(world, {});
  applyFields(customer, fields);
  if (named !== undefined) {
    const method = attachMethod(world, methodNamed(world, named, 'payment_method'), customer);
    // The ready-made names stand for the payment method that was just made of them.
    const wanted = settings?.default_payment_method;
    chooseDefault(world, customer, wanted === named ? method.id : wanted);
  } else {
    chooseDefault(world, customer, settings?.default_payment_method);
  }
  world.customers.set(customer.id, customer);
  world.log.emit('customer.created', customer);
  return customer;
}

export function updateCustomer(world: StripeWorld, customer: Customer, fields: CustomerFields): Customer {
  checkEmail(fields.email);
  const before = structuredClone(customer);
  chooseDefault(world, customer, fields.invoice_settings?.default_payment_method);
  applyFields(customer, fields);
  world.log.emit('customer.updated', customer, changedFields(before, customer));
  return customer;
}

/** With the customer go the subscriptions, at once, and every saved method. */
export function deleteCustomer(world: StripeWorld, customer: Customer): object {
  const { id } = customer;
  for (const record of world.billing.subscriptionsOf(id)) {
    if (!isOver(record.subscription)) cancelSubscription(world, record, {});
  }
  for (const method of world.paymentMethods.values()) {
    if (method.customer !== id) continue;
    method.customer = null;
    const card = world.cards.get(method.id);
    if (card) card.isSpent = true;
  }
  world.customers.delete(id);
  world.deletedCustomers.add(id);
  world.log.emit('customer.deleted', customer);
  return { id, object: 'customer', deleted: true };
}

function chooseDefault(world: StripeWorld, customer: Customer, id: string | undefined): void {
  if (id === undefined) return;
  const param = 'invoice_settings[default_payment_method]';
  customer.invoice_settings.default_payment_method =
    id === '' ? null : requireOwned(world, id, customer.id, param).id;
}

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
