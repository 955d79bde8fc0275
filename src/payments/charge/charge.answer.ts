import type { PaymentRow } from '../payment/payment.tables.js';
import { PaymentResource, resourceOf } from '../payment/payment.view.js';

/** Send the buyer's browser there. */
export class ChargeNextAction {
  type!: 'redirect';
  url!: string;
}

/** The payment, declined or not. */
export class ChargeAnswer extends PaymentResource {
  /** What the buyer has to do before the bank decides; null: nothing. */
  nextAction!: ChargeNextAction | null;
}

/** @param publicUrl where this service is reached */
export function chargeAnswer(payment: PaymentRow, publicUrl: string): ChargeAnswer {
  const resource = resourceOf(payment, publicUrl);
  const { checkoutUrl: url } = resource;
  return { ...resource, nextAction: url === null ? null : { type: 'redirect', url } };
}
