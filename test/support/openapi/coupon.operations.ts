/**
 * Coupons at Stripe, which the reduced copy of its document leaves out although it has the coupon itself. The
 * parameters are those of the SDK's types.
 */
const ERROR = { content: { 'application/json': { schema: { $ref: '#/components/schemas/error' } } } };
const COUPON = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Coupon' } } } };
const RESPONSES = { '200': COUPON, default: ERROR };
const text = { type: 'string' };
const number = { type: 'number' };
const texts = { type: 'array', items: text };

const couponCreate = {
  type: 'object',
  properties: {
    amount_off: number,
    applies_to: { type: 'object', properties: { products: texts } },
    currency: text,
    currency_options: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { amount_off: number }, required: ['amount_off'] },
    },
    duration: { type: 'string', enum: ['forever', 'once', 'repeating'] },
    duration_in_months: number,
    expand: texts,
    id: text,
    max_redemptions: number,
    metadata: { type: 'object', additionalProperties: text },
    name: text,
    percent_off: number,
    redeem_by: number,
  },
};

export const COUPON_OPERATIONS = {
  '/v1/coupons': {
    post: {
      requestBody: { content: { 'application/x-www-form-urlencoded': { schema: couponCreate } } },
      responses: RESPONSES,
    },
  },
  '/v1/coupons/{id}': {
    get: {
      parameters: [
        { name: 'id', in: 'path', required: true, schema: text },
        { name: 'expand', in: 'query', schema: texts },
      ],
      responses: RESPONSES,
    },
  },
};
