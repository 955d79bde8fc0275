import { isJson, textOf } from '../../json.read.js';

/** What was read from Conekta's API to confirm an event. Empty: the event is about no payment of ours. */
export interface ConektaEvidence {
  /** As Conekta answered. */
  order?: unknown;
  /** The charge that the order's payment is known to be paid by. */
  payingChargeId?: string | undefined;
}

export function readEvidence(value: unknown): ConektaEvidence {
  if (!isJson(value)) return {};
  return { order: value.order, payingChargeId: textOf(value.payingChargeId) };
}
