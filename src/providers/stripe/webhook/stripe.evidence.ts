import { isJson } from '../../json.read.js';

/** What was read from Stripe's API to confirm an event, as Stripe answered. */
export interface StripeEvidence {
  /** With its latest charge. */
  intent?: unknown;
  charge?: unknown;
  /** The charge of a payment that is known, which need not name an order. */
  knownCharge?: unknown;
  /** As it is now: events of one dispute come in any order. */
  dispute?: unknown;
  refunds?: readonly unknown[];
  /** Nothing was asked: the payment is known to be paid, and by which charge. */
  knownPaid?: boolean;
}

export function readEvidence(value: unknown): StripeEvidence {
  if (!isJson(value)) return {};
  return {
    intent: value.intent,
    charge: value.charge,
    knownCharge: value.knownCharge,
    dispute: value.dispute,
    ...(Array.isArray(value.refunds) && { refunds: value.refunds }),
    knownPaid: value.knownPaid === true,
  };
}
