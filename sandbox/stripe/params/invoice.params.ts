import { flag, ignored, integer, oneOf, shape, text, unplayed, type ParamsOf } from './rules.js';
import { created, expand, listFields, metadata } from './shared.params.js';

export const invoiceList = shape({
  ...listFields,
  collection_method: text(),
  created,
  customer: text(),
  customer_account: text(),
  due_date: created,
  status: oneOf('draft', 'open', 'paid', 'uncollectible', 'void'),
  subscription: text(),
});

/** Of a subscription's customer, by hand: its pending items are on it. */
export const invoiceCreate = shape({ auto_advance: flag, customer: text(), expand, subscription: text() }, [
  'customer',
  'subscription',
]);

export const invoiceItemCreate = shape(
  {
    amount: integer(),
    currency: text(),
    customer: text(),
    description: text(),
    expand,
    subscription: text(),
  },
  ['amount', 'currency', 'customer', 'subscription'],
);
export type InvoiceItemParams = ParamsOf<typeof invoiceItemCreate>;

export const invoiceUpdate = shape({
  auto_advance: flag,
  custom_fields: ignored(),
  default_payment_method: text(),
  description: text({ emptyable: true }),
  expand,
  footer: text(),
  metadata,
});
export const invoiceLines = shape(listFields);
export const invoiceFinalize = shape({ auto_advance: flag, expand });

export const invoicePay = shape({
  expand,
  forgive: unplayed,
  mandate: text({ emptyable: true }),
  off_session: flag,
  paid_out_of_band: flag,
  payment_method: text(),
  source: unplayed,
});
export type InvoicePayParams = ParamsOf<typeof invoicePay>;

export const invoiceAttach = shape({ expand, payment_intent: unplayed, payment_record: text() }, [
  'payment_record',
]);
export type InvoiceAttachParams = ParamsOf<typeof invoiceAttach>;

export const invoicePaymentList = shape({
  ...listFields,
  created,
  invoice: text(),
  payment: shape(
    { payment_intent: text(), payment_record: text(), type: oneOf('payment_intent', 'payment_record') },
    ['type'],
  ),
  status: oneOf('canceled', 'open', 'paid'),
});
