import { isJson, type Json, jsonOf, textOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { OpenedSession, Outcome, ProviderCall } from '../../provider.port.js';
import type { ConektaCheckoutCalls } from '../conekta.client.js';
import { orInDoubt } from '../conekta.doubt.js';
import { type ConektaOrder, readOrder, standingOf } from '../payment/conekta.order.read.js';
import { closeOrder, findOrders } from '../payment/conekta.orders.js';
import { openedBy, type Wanted } from './conekta.session.read.js';

/** What of ours every order depends on. */
export interface ConektaAccount {
  livemode: boolean;
  publicKey: string | undefined;
}

/**
 * Makes a planned order. Conekta has no idempotency key: what was sent before is looked for, by the ids in its
 * metadata, and looked for again after another one was made, since the first may have been slow. Of several, one
 * stays.
 * @throws ProviderError for a definite refusal.
 */
export async function createSession(
  client: ConektaCheckoutCalls,
  call: ProviderCall,
  account: ConektaAccount,
): Promise<Outcome<OpenedSession>> {
  const { order: planned, language } = call.request;
  if (!isJson(planned)) throw new Error(`operation ${call.operationId} holds no planned order`);
  const wanted = wantedBy(call, planned, account);
  const { sentBefore } = call;
  if (sentBefore !== undefined) {
    const found = await findOrders(client, wanted, sentBefore);
    if (found.length > 0) return keepOne(client, found, wanted);
  }
  const metadata = { ...jsonOf(planned.metadata), operationId: call.operationId };
  const answer = await client.write({
    method: 'POST',
    path: '/orders',
    body: { ...planned, metadata },
    ...(language === 'en' && { language }),
  });
  if (!answer.known) return answer;
  const made = readOrder(answer.value);
  const opened = openedBy(made, wanted);
  if (sentBefore === undefined || made === undefined || !opened.known) return opened;
  return orInDoubt(async () => {
    const found = await findOrders(client, wanted, sentBefore);
    const others = found.filter(({ id }) => id !== made.id);
    return keepOne(client, [...others, made], wanted);
  });
}

function wantedBy(call: ProviderCall, planned: Json, { livemode, publicKey }: ConektaAccount): Wanted {
  return {
    paymentId: textOf(jsonOf(planned.metadata).paymentId) ?? '',
    operationId: call.operationId,
    livemode,
    payUrl: textOf(call.request.payUrl),
    publicKey,
  };
}

/** Answers one of the orders that a call has made, and closes the others. */
async function keepOne(
  client: ConektaCheckoutCalls,
  orders: readonly ConektaOrder[],
  wanted: Wanted,
): Promise<Outcome<OpenedSession>> {
  const [kept, ...others] = byWorth(orders);
  return orInDoubt(async () => {
    for (const other of others.filter((order) => standingOf(order) === 'open')) {
      const closed = await closeDuplicate(client, other);
      if (!closed.known) return closed;
    }
    return openedBy(kept, wanted);
  });
}

/** One that cannot be closed harms nobody: no customer has its address. */
async function closeDuplicate(
  client: ConektaCheckoutCalls,
  { id }: ConektaOrder,
): Promise<Outcome<{ paid: boolean }>> {
  try {
    return await closeOrder(client, id);
  } catch (error) {
    if (!(error instanceof ProviderError) || error.retryable) throw error;
    return { known: true, value: { paid: false } };
  }
}

/** First what somebody is paying, then what can be paid; among equals the oldest. */
function byWorth(orders: readonly ConektaOrder[]): ConektaOrder[] {
  const ranks = { paying: 0, open: 1, closed: 2 };
  const rank = (order: ConektaOrder): number => ranks[standingOf(order)];
  const age = (a: ConektaOrder, b: ConektaOrder): number => a.createdAt.getTime() - b.createdAt.getTime();
  return [...orders].sort((a, b) => rank(a) - rank(b) || age(a, b) || (a.id < b.id ? -1 : 1));
}
