import { COUPON_OPERATIONS } from './coupon.operations.js';
import { isJson, type Json, jsonOf } from '../../../src/providers/json.read.js';

/** A place where a provider's document contradicts itself, and what has to stand there. */
interface Correction {
  provider: string;
  /** Steps from the document's root to what is changed; `*` is every step that there is. */
  at: readonly string[];
  /** Keywords that replace those of the document; undefined takes one away. */
  set: Readonly<Record<string, unknown>>;
  reason: string;
}

const SEARCH = [
  'paths',
  '/v1/payment_intents/search',
  'get',
  'responses',
  '200',
  'content',
  'application/json',
];

const PAGED_INSIDE = [
  ['order_response_products'],
  ['order_charges_response'],
  ['charge_response_refunds'],
  ['customer_payment_methods_response'],
  ['order_response_tax_lines', 'anyOf', '0'],
  ['order_response_shipping_lines', 'anyOf', '0'],
  ['order_response_discount_lines', 'anyOf', '0'],
];

const REFUSAL = {
  content: {
    'application/vnd.conekta-v2.3.0+json': {
      schema: {
        allOf: [{ $ref: '#/components/schemas/error' }],
        required: ['object', 'type', 'log_id', 'details'],
      },
    },
  },
};

const SUBSCRIPTIONS = {
  type: 'object',
  properties: {
    object: { type: 'string' },
    has_more: { type: 'boolean' },
    next_page_url: { type: ['string', 'null'] },
    previous_page_url: { type: ['string', 'null'] },
    data: { type: 'array', items: { $ref: '#/components/schemas/subscription_response_1' } },
  },
  required: ['object', 'has_more', 'data'],
};

export const CORRECTIONS: readonly Correction[] = [
  {
    provider: 'stripe',
    at: ['paths'],
    set: COUPON_OPERATIONS,
    reason: 'the copy is reduced: it has coupons, but none of their operations',
  },
  {
    provider: 'stripe',
    at: ['components', 'schemas', 'error', 'properties', 'error', 'properties'],
    set: {
      charge: { type: 'string' },
      payment_intent: { $ref: '#/components/schemas/PaymentIntent' },
      setup_intent: { $ref: '#/components/schemas/SetupIntent' },
    },
    reason: 'the copy is reduced: a declined confirmation tells its charge and its payment or setup intent',
  },
  {
    provider: 'stripe',
    at: [...SEARCH, 'schema', 'properties'],
    set: { next_page: { type: 'string', nullable: true } },
    reason: 'the copy is reduced: searches are paged by a token, as the `page` parameter that it has shows',
  },
  ...PAGED_INSIDE.map((list) => ({
    provider: 'conekta',
    at: ['components', 'schemas', ...list, 'allOf', '0', 'properties'],
    set: { total: { type: 'integer' } },
    reason: 'its own examples of orders count what is in each list inside of them',
  })),
  ...[['charges_data_response', 'allOf', '0'], ['charge_response']].map((charge) => ({
    provider: 'conekta',
    at: ['components', 'schemas', ...charge, 'properties'],
    set: { monthly_installments: { type: ['integer', 'null'] } },
    reason: 'the same charge has it where POST /orders/{id}/charges answers it',
  })),
  {
    provider: 'conekta',
    at: [
      'paths',
      '/customers/{customer_id}/subscriptions',
      'get',
      'responses',
      '200',
      'content',
      'application/vnd.conekta-v2.3.0+json',
    ],
    set: { schema: SUBSCRIPTIONS },
    reason: 'one subscription by its schema, and a list by its summary and its parameters, which page',
  },
  {
    provider: 'conekta',
    at: ['components', 'schemas', 'checkout_response', 'properties'],
    set: { sms_sent: { type: 'integer' }, is_redirect_on_failure: { type: 'boolean' } },
    reason: 'a checkout has them where it is an answer inside its order',
  },
  {
    provider: 'conekta',
    at: ['paths', '*', '*', 'responses'],
    set: { '4XX': REFUSAL },
    reason: 'which refusals it lists differs among operations of one kind, and too many requests are nowhere',
  },
  {
    provider: 'conekta',
    at: ['components', 'schemas', 'events_resend_response', 'properties'],
    set: { object: { type: 'string' } },
    reason: 'the same log of a delivery has it inside its event',
  },
];

/**
 * The document with its known mistakes put right.
 * @throws Error for a correction whose place is gone: the document has moved on, and it may be needless.
 */
export function correct(provider: string, document: Json, corrections = CORRECTIONS): Json {
  const mine = corrections.filter((correction) => correction.provider === provider);
  return mine.reduce((corrected, { at, set }) => jsonOf(changed(corrected, at, set)), document);
}

function changed(node: unknown, [step, ...deeper]: readonly string[], set: Json): unknown {
  if (Array.isArray(node)) {
    const items: readonly unknown[] = node;
    if (items[Number(step)] === undefined) throw new Error("a correction's place is gone");
    return items.map((item, at) => (String(at) === step ? changed(item, deeper, set) : item));
  }
  if (!isJson(node)) throw new Error("a correction's place is gone");
  if (step === undefined) return { ...node, ...set };
  if (step === '*')
    return Object.fromEntries(Object.entries(node).map(([name, one]) => [name, changed(one, deeper, set)]));
  return { ...node, [step]: changed(node[step], deeper, set) };
}
