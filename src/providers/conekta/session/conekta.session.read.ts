import type { OpenedSession, Outcome } from '../../provider.port.js';
import { livemodeMismatch, unusableAnswer } from '../conekta.errors.js';
import type { ConektaOrder } from '../payment/conekta.order.read.js';

/** What an order carries of the call that made it. */
export interface OfCall {
  paymentId: string;
  operationId: string;
}

/** What an order has to be in order to answer a call. */
export interface Wanted extends OfCall {
  livemode: boolean;
  /** Our own page, where the checkout is shown in one. */
  payUrl: string | undefined;
  /** What the browser needs for that. */
  publicKey: string | undefined;
}

/** Whether the order was made by this very call, at its first sending or at a later one. */
export function isOfCall({ metadata }: ConektaOrder, { paymentId, operationId }: OfCall): boolean {
  return metadata.paymentId === paymentId && metadata.operationId === operationId;
}

/**
 * The session that an order opens.
 * @throws ProviderError authentication when our key is of the other mode than we were told.
 */
export function openedBy(order: ConektaOrder | undefined, wanted: Wanted): Outcome<OpenedSession> {
  if (order === undefined || !isOfCall(order, wanted)) return unusable('not_our_order');
  if (order.livemode !== wanted.livemode) throw livemodeMismatch(order.livemode);
  const { checkout, id: providerPaymentId, livemode } = order;
  const checkoutUrl = wanted.payUrl ?? checkout?.url;
  if (checkout?.expiresAt === undefined || checkoutUrl === undefined) return unusable('not_a_checkout');
  const { id: sessionId, expiresAt } = checkout;
  const value = { sessionId, providerPaymentId, checkoutUrl, expiresAt, livemode };
  if (wanted.payUrl === undefined) return { known: true, value };
  return { known: true, value: { ...value, embed: { checkoutId: sessionId, publicKey: wanted.publicKey } } };
}

function unusable(providerCode: string): Outcome<never> {
  return { known: false, error: unusableAnswer(providerCode) };
}
