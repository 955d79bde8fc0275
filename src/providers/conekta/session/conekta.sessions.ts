import { textOf } from '../../json.read.js';
import type { OpenedSession, SessionTarget } from '../../payment.ports.js';
import {
  andThen,
  inDoubt,
  isFinal,
  known,
  orInDoubt,
  type Outcome,
  type ProviderCall,
  unlessRefused,
} from '../../provider.calls.js';
import type { ConektaCheckoutCalls } from '../conekta.client.js';
import { livemodeMismatch, unusableAnswer } from '../conekta.errors.js';
import { orderWriteOf } from '../conekta.request.js';
import {
  byAge,
  type ConektaOrder,
  isOfCall,
  orderIdOf,
  readOrder,
  standingOf,
} from '../payment/conekta.order.read.js';
import { closeOrder, findOrders } from '../payment/conekta.orders.js';

interface SessionAccount {
  livemode: boolean;
  /** For a checkout inside a page of ours. */
  publicKey: string | undefined;
}

/**
 * Makes a recorded order. Conekta has no idempotency key: what was sent before is looked for by the ids in its
 * metadata, and again after another one was made, since the first may have been slow. Of several, one stays.
 * @throws ProviderError for a definite refusal.
 */
export async function createSession(
  client: ConektaCheckoutCalls,
  call: ProviderCall,
  account: SessionAccount,
): Promise<Outcome<OpenedSession>> {
  const write = orderWriteOf(call);
  const { sentBefore } = call;
  if (sentBefore !== undefined) {
    const found = await findOrders(client, call, sentBefore);
    if (found.length > 0) return keepOne(client, found, call, account);
  }
  return andThen(client.write(write), (answer) => {
    const made = readOrder(answer);
    const opened = openedBy(made, call, account);
    if (sentBefore === undefined || made === undefined || !opened.known) return opened;
    return orInDoubt(async () => {
      const found = await findOrders(client, call, sentBefore);
      return keepOne(client, [...found.filter(({ id }) => id !== made.id), made], call, account);
    });
  });
}

/** Answers one of the orders that a call has made, and closes the others. */
function keepOne(
  client: ConektaCheckoutCalls,
  orders: readonly ConektaOrder[],
  call: ProviderCall,
  account: SessionAccount,
): Promise<Outcome<OpenedSession>> {
  const [kept, ...others] = byWorth(orders);
  return orInDoubt(async () => {
    for (const { id } of others.filter((order) => standingOf(order) === 'open')) {
      // One that cannot be closed harms nobody: no customer has its address.
      const closed = await unlessRefused<Outcome<unknown>>(isFinal, () => closeOrder(client, id), known);
      if (!closed.known) return closed;
    }
    return openedBy(kept, call, account);
  });
}

/**
 * The session that an order opens.
 * @throws ProviderError authentication when our key is of the other mode than we were told.
 */
function openedBy(
  order: ConektaOrder | undefined,
  call: ProviderCall,
  { livemode, publicKey }: SessionAccount,
): Outcome<OpenedSession> {
  if (order === undefined || !isOfCall(order, call)) return inDoubt(unusableAnswer('not_our_order'));
  if (order.livemode !== livemode) throw livemodeMismatch(order.livemode);
  const { checkout, id: providerPaymentId } = order;
  const payUrl = textOf(call.request.payUrl);
  const checkoutUrl = payUrl ?? checkout?.url;
  if (checkout?.expiresAt === undefined || checkoutUrl === undefined)
    return inDoubt(unusableAnswer('not_a_checkout'));
  const { id: sessionId, expiresAt } = checkout;
  const value = { sessionId, providerPaymentId, checkoutUrl, expiresAt, livemode };
  return known(payUrl === undefined ? value : { ...value, embed: { checkoutId: sessionId, publicKey } });
}

/** First what somebody is paying, then what can be paid; among equals the oldest. */
function byWorth(orders: readonly ConektaOrder[]): ConektaOrder[] {
  const ranks = { paying: 0, open: 1, closed: 2 };
  const rank = (order: ConektaOrder): number => ranks[standingOf(order)];
  return [...orders].sort((a, b) => rank(a) - rank(b) || byAge(a, b));
}

/**
 * Closes a session that nobody paid.
 * @throws ProviderError when Conekta refuses although it is open, and when it does not know it.
 */
export async function expireSession(
  client: ConektaCheckoutCalls,
  { providerPaymentId }: SessionTarget,
): Promise<Outcome<{ paid: boolean }>> {
  // A checkout does not name its order, and only the order says whether a voucher is out.
  if (providerPaymentId === undefined) throw new Error('a session at Conekta is closed by its order');
  return closeOrder(client, orderIdOf(providerPaymentId));
}
