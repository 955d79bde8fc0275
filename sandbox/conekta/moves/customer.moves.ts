import { invalid } from '../conekta.errors.js';
import { newId } from '../conekta.ids.js';
import { listOf } from '../conekta.lists.js';
import type { Customer, PaymentSource } from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';
import { expiryOf } from '../objects/checkout.object.js';
import { markDefault, newSource } from '../objects/source.object.js';
import type {
  CustomerCreateParams,
  CustomerUpdateParams,
  SourceCreateParams,
} from '../params/customer.params.js';
import { missing } from '../params/rules.js';
import { namedSource, sourceOf } from './payer.moves.js';
import { cancelSubscription, replaceCard } from './subscription.status.js';
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
  if (chosen !== undefined) {
    const { source } = namedSource(world, customer, chosen, 'default_payment_source_id');
    customer.default_payment_source_id = source.id;
  }
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

/** Throws 422 for a new customer who brings no card to pay a subscription by. */
export function requireCard({ payment_sources: sources = [] }: CustomerCreateParams): void {
  if (sources.some(({ type }) => type === 'card')) return;
  throw invalid('payment_sources', 'missing_card', {
    es: 'Para suscribirse hace falta una tarjeta.',
    en: 'A subscription needs a card.',
  });
}

/** Subscriptions end with their customer. */
export function deleteCustomer(world: ConektaWorld, customer: Customer): void {
  for (const record of world.subscriptionsOf(customer.id)) {
    if (record.subscription.status !== 'canceled') cancelSubscription(world, record);
  }
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
  replaceCard(world, customer, id);
  return source;
}

function namesOf(
  params: Pick<Customer, 'custom_reference' | 'date_of_birth' | 'national_id'>,
): Partial<Customer> {
  const { custom_reference: reference, date_of_birth: born, national_id: national } = params;
  return {
    ...(reference !== undefined && { custom_reference: reference }),
    ...(born !== undefined && { date_of_birth: born }),
    ...(national !== undefined && { national_id: national }),
  };
}
