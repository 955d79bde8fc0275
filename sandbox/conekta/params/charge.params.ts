import { integer, list, oneOf, shape, text, webUrl, type ParamsOf } from './rules.js';

/** Months by which a card may pay. */
export const INSTALLMENTS = [3, 6, 9, 12, 18] as const;

const paymentMethod = shape(
  {
    type: oneOf('card', 'default', 'cash', 'spei', 'bnpl', 'pay_by_bank'),
    token_id: text(),
    payment_source_id: text(),
    monthly_installments: oneOf(...INSTALLMENTS),
    cvc: text({ min: 3, max: 4 }),
    contract_id: text({ min: 10, max: 10 }),
    customer_ip_address: text(),
    number: text(),
    name: text({ max: 249 }),
    exp_month: text({ min: 2, max: 2 }),
    exp_year: text({ min: 4, max: 4 }),
    expires_at: integer({ min: 0 }),
    product_type: oneOf('bbva_pay_by_bank', 'aplazo_bnpl', 'azteca_bnpl', 'coppel_bnpl', 'creditea_bnpl'),
    success_url: webUrl,
    failure_url: webUrl,
    cancel_url: webUrl,
  },
  ['type'],
);

export const charge = shape(
  { amount: integer({ min: 1 }), payment_method: paymentMethod, reference_id: text() },
  ['payment_method'],
);
export const chargeList = list(charge, { min: 1, max: 10 });
export const chargeUpdate = shape({ reference_id: text() });

export type ChargeParams = ParamsOf<typeof charge>;
export type PaymentMethodParams = ParamsOf<typeof paymentMethod>;
