import { textOf } from '../../json.read.js';
import type { OpenedSession } from '../../payment.ports.js';
import { inDoubt, known, type Outcome, type ProviderCall } from '../../provider.calls.js';
import { livemodeMismatch, unusableAnswer } from '../conekta.errors.js';
import { type ConektaOrder, isOfCall } from '../payment/conekta.order.read.js';

/** What of ours every session depends on. */
export interface SessionAccount {
  livemode: boolean;
  /** What the browser needs for a checkout inside a page of ours. */
  publicKey: string | undefined;
}

/**
 * The session that an order opens.
 * @throws ProviderError authentication when our key is of the other mode than we were told.
 */
export function openedBy(
  order: ConektaOrder | undefined,
  call: ProviderCall,
  { livemode, publicKey }: SessionAccount,
): Outcome<OpenedSession> {
  if (order === undefined || !isOfCall(order, call)) return inDoubt(unusableAnswer('not_our_order'));
  if (order.livemode !== livemode) throw livemodeMismatch(order.livemode);
  const { checkout, id: providerPaymentId } = order;
  // Our own page, where the checkout is shown in one.
  const payUrl = textOf(call.request.payUrl);
  const checkoutUrl = payUrl ?? checkout?.url;
  if (checkout?.expiresAt === undefined || checkoutUrl === undefined)
    return inDoubt(unusableAnswer('not_a_checkout'));
  const { id: sessionId, expiresAt } = checkout;
  const value = { sessionId, providerPaymentId, checkoutUrl, expiresAt, livemode };
  return known(payUrl === undefined ? value : { ...value, embed: { checkoutId: sessionId, publicKey } });
}
