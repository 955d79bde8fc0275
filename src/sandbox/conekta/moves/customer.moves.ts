import { ConektaError, invalid, notFound } from '../conekta.errors.js';
import { newId } from '../conekta.ids.js';
import { listOf } from '../conekta.lists.js';
import type { Customer, CustomerInfo, PaymentSource } from '../conekta.types.js';
import type { ConektaWorld, SourceRecord } from '../conekta.world.js';
import { expiryOf } from '../objects/checkout.object.js';
import { markDefault, newSource } from '../objects/source.object.js';
import type {
  CustomerCreateParams,
  CustomerUpdateParams,
  SourceCreateParams,
} from '../params/customer.params.js';
import { missing } from '../params/rules.js';
import type { CustomerInfoParams } from '../params/shared.params.js';
import { spendToken } from './token.moves.js';

const YEAR = 365 * 24 * 60 * 60;

export function createCustomer(world: ConektaWorld, params: CustomerCreateParams): Customer {
  const { payment_sources: sources = [], shipping_contacts: contacts = [] } = params;
  const now = world.clock.seconds();
  const customer: Customer = {
    id: newId('cus'),
    object: 'customer',
    livemode: world.options.livemode,
    created_at: now,
    name: params.name,
    email: params.email,
    phone: params.phone,
    corporate: params.corporate ?? false,
    metadata: params.metadata ?? {},
    default_payment_source_id: null,
    payment_sources: listOf<PaymentSource>([]),
    ...namesOf(params),
    ...(contacts.length > 0 && {
      shipping_contacts: listOf(
        contacts.map((contact) => ({
          ...contact,
          id: newId('ship_cont'),
          object: 'shipping_contact',
          created_at: now,
        })),
      ),
    }),
  };
  for (const [index, source] of sources.entries()) {
    createSource(world, customer, source, `payment_sources.${index}.`);
  }
  world.customers.set(customer.id, customer);
  world.log.emit('customer.created', customer);
  return customer;
}

export function updateCustomer(world: ConektaWorld, customer: Customer, params: CustomerUpdateParams): void {
  const { payment_sources: sources = [], default_payment_source_id: chosen } = params;
  const previous = { name: customer.name, email: customer.email, phone: customer.phone };
  if (chosen !== undefined) customer.default_payment_source_id = sourceOf(world, customer, chosen).source.id;
  Object.assign(customer, namesOf(params));
  for (const name of ['name', 'email', 'phone', 'corporate', 'metadata'] as const) {
    if (params[name] !== undefined) Object.assign(customer, { [name]: params[name] });
  }
  for (const [index, source] of sources.entries()) {
    createSource(world, customer, source, `payment_sources.${index}.`);
  }
  markDefault(customer);
  world.log.emit('customer.updated', customer, previous);
}

export function deleteCustomer(world: ConektaWorld, customer: Customer): void {
  world.customers.delete(customer.id);
  for (const { id } of customer.payment_sources.data) world.sources.delete(id);
  world.log.emit('customer.deleted', customer);
}

/** @param param the path in front of the source's parameters */
export function createSource(
  world: ConektaWorld,
  customer: Customer,
  params: SourceCreateParams,
  param = '',
): PaymentSource {
  if (params.type !== 'card') {
    const expiresAt = expiryOf(world, params.expires_at, `${param}expires_at`, YEAR);
    return newSource(world, customer, { type: params.type, expiresAt });
  }
  if (params.token_id === undefined) throw missing(`${param}token_id`);
  return newSource(world, customer, {
    type: 'card',
    held: spendToken(world, params.token_id, `${param}token_id`),
  });
}

export function deleteSource(world: ConektaWorld, customer: Customer, id: string): PaymentSource {
  const { source } = sourceOf(world, customer, id);
  world.sources.delete(id);
  customer.payment_sources = listOf(customer.payment_sources.data.filter((one) => one !== source));
  if (customer.default_payment_source_id === id) {
    const heir = customer.payment_sources.data.find(({ type }) => type === 'card');
    customer.default_payment_source_id = heir?.id ?? null;
  }
  markDefault(customer);
  world.log.emit('customer.updated', customer);
  return source;
}

export function sourceOf(world: ConektaWorld, customer: Customer, id: string): SourceRecord {
  const record = world.sources.get(id);
  if (record?.source.parent_id === customer.id) return record;
  throw notFound('payment source', id);
}

/** Who pays an order. Throws 422 for an unknown customer, and for a stranger without name, e-mail and phone. */
export function payerOf(
  world: ConektaWorld,
  params: CustomerInfoParams,
  param = 'customer_info',
): CustomerInfo {
  const { customer_id: id, name, email, phone, corporate = false } = params;
  if (id === undefined) {
    if (name === undefined || email === undefined || phone === undefined) throw stranger(params, param);
    return { object: 'customer_info', name, email, phone, corporate };
  }
  const customer = world.customers.get(id);
  if (!customer) {
    throw invalid(`${param}.customer_id`, 'nonexistent_customer', {
      es: 'El cliente no existe.',
      en: 'There is no such customer.',
    });
  }
  return {
    object: 'customer_info',
    customer_id: id,
    name: name ?? customer.name,
    email: email ?? customer.email,
    phone: phone ?? customer.phone,
    corporate: customer.corporate,
  };
}

function stranger(params: CustomerInfoParams, param: string): ConektaError {
  const needed = ['name', 'email', 'phone'] as const;
  const absent = needed.filter((name) => params[name] === undefined);
  const details = absent.flatMap((name) => missing(`${param}.${name}`).details);
  return new ConektaError(422, 'parameter_validation_error', details);
}

function namesOf(params: CustomerUpdateParams): Partial<Customer> {
  const { custom_reference: reference, date_of_birth: born, national_id: national } = params;
  return {
    ...(reference !== undefined && { custom_reference: reference }),
    ...(born !== undefined && { date_of_birth: born }),
    ...(national !== undefined && { national_id: national }),
  };
}
