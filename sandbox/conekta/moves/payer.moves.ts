import { ConektaError, invalid, notFound } from '../conekta.errors.js';
import type { Customer, CustomerInfo } from '../conekta.types.js';
import type { ConektaWorld, HeldCard, SourceRecord } from '../conekta.world.js';
import { missing } from '../params/rules.js';
import type { CustomerInfoParams } from '../params/shared.params.js';

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

/** A source that an address names. Throws 404 when it is not this customer's. */
export function sourceOf(world: ConektaWorld, customer: Customer, id: string): SourceRecord {
  const record = world.sources.get(id);
  if (record?.source.parent_id === customer.id) return record;
  throw notFound('payment source', id);
}

/** A source that a request's body names, of this customer's. Throws 422 when it is not. */
export function namedSource(
  world: ConektaWorld,
  customer: Customer,
  sourceId: string,
  param: string,
): SourceRecord {
  const record = world.sources.get(sourceId);
  if (record?.source.parent_id === customer.id) return record;
  throw noSuchSource(param);
}

/** A card that a request names, of this customer's; the default one for null. Throws 422 when there is none. */
export function ownCard(
  world: ConektaWorld,
  customer: Customer | undefined,
  sourceId: string | null,
  param: string,
): SourceRecord & { card: HeldCard } {
  const record = world.sources.get(sourceId ?? customer?.default_payment_source_id ?? '');
  if (record?.card && record.source.parent_id === customer?.id) return { ...record, card: record.card };
  throw noSuchSource(param);
}

function noSuchSource(param: string): ConektaError {
  return invalid(param, 'nonexistent_source', {
    es: 'El cliente no tiene esa tarjeta.',
    en: 'The customer has no such card.',
  });
}

function stranger(params: CustomerInfoParams, param: string): ConektaError {
  const needed = ['name', 'email', 'phone'] as const;
  const absent = needed.filter((name) => params[name] === undefined);
  const details = absent.flatMap((name) => missing(`${param}.${name}`).details);
  return new ConektaError(422, 'parameter_validation_error', details);
}
