import { flag, ignored, integer, list, oneOf, shape, text } from './rules.js';
import { created, expand, listFields, metadata } from './shared.params.js';

/** Parameters of charges, refunds, disputes and events. */
export const justExpand = shape({ expand });

export const chargeUpdate = shape({
  customer: text(),
  description: text({ emptyable: true }),
  expand,
  fraud_details: ignored('user_report'),
  metadata,
  receipt_email: text(),
  shipping: ignored('address', 'carrier', 'name', 'phone', 'tracking_number'),
  transfer_group: text(),
});
export const chargeList = shape({
  ...listFields,
  created,
  customer: text(),
  payment_intent: text(),
  transfer_group: text(),
});

export const refundCreate = shape({
  amount: integer({ min: 1 }),
  charge: text(),
  currency: text(),
  customer: text(),
  expand,
  instructions_email: text(),
  metadata,
  origin: oneOf('customer_balance'),
  payment_intent: text(),
  reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
  refund_application_fee: flag,
  reverse_transfer: flag,
});
export const refundUpdate = shape({ expand, metadata });
export const refundList = shape({ ...listFields, charge: text(), created, payment_intent: text() });

export const disputeUpdate = shape({
  evidence: ignored(),
  expand,
  intended_submission_method: oneOf('manual', 'prefer_manual', 'prefer_smart_disputes', 'smart_disputes'),
  metadata,
  submit: flag,
});
export const disputeList = shape({ ...listFields, charge: text(), created, payment_intent: text() });

export const eventList = shape({
  ...listFields,
  created,
  delivery_success: flag,
  type: text(),
  types: list(text(), { max: 20 }),
});
