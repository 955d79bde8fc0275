import type { Fact, PaymentRef } from '../../facts.js';
import { jsonOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, SessionTarget } from '../../provider.port.js';
import { type ConektaCheckoutCalls, type ConektaReads, pagesFrom, rowsOf } from '../conekta.client.js';
import { orInDoubt } from '../conekta.doubt.js';
import { unusableAnswer } from '../conekta.errors.js';
import { isOfCall, type OfCall } from '../session/conekta.session.read.js';
import { payingChargeId } from '../webhook/conekta.webhook.facts.js';
import { openedFacts, orderFacts } from './conekta.order.facts.js';
import {
  assertShowsPayment,
  checked,
  type ConektaOrder,
  isTaken,
  isWhole,
  orderIdOf,
  orderPath,
  readOrder,
  standingOf,
  wholeOrder,
} from './conekta.order.read.js';

/**
 * Everything that Conekta says of a payment now. Nothing without the order's id: a checkout does not name its
 * order, nor can a charge be asked for by its id.
 * @throws ProviderError, also for an order that Conekta does not know.
 */
export async function retrieve(reads: ConektaReads, ref: PaymentRef): Promise<readonly Fact[]> {
  if (ref.providerPaymentId === undefined) return [];
  const id = orderIdOf(ref.providerPaymentId);
  const order = checked(await reads.order(id), id);
  const knownId = payingChargeId(order.id, ref);
  assertShowsPayment(order, knownId);
  const facts = [...openedFacts(order), ...orderFacts(order, { payingChargeId: knownId })];
  // Orders of the service that was replaced carry none of our ids; whoever asks knows which payment it is.
  return facts.map((fact) => ({
    ...fact,
    ref: { ...fact.ref, paymentId: fact.ref.paymentId ?? ref.paymentId },
  }));
}

/** Conekta's clock may be behind ours. */
const CLOCK_SLACK_SECONDS = 600;

/**
 * The orders that a call has made, whole. Their metadata cannot be searched: all since the call are listed and matched.
 * @throws ProviderError also when not all could be looked at: that would be no proof that there is none.
 */
export async function findOrders(
  client: ConektaCheckoutCalls,
  wanted: OfCall,
  createdAfter: Date,
  slackSeconds = CLOCK_SLACK_SECONDS,
): Promise<ConektaOrder[]> {
  const createdFrom = Math.floor(createdAfter.getTime() / 1000) - slackSeconds;
  const found: ConektaOrder[] = [];
  for await (const page of pagesFrom((next) => client.orders(createdFrom, next))) {
    for (const row of rowsOf(page).map(jsonOf)) {
      const order = readOrder(row);
      if (order === undefined || !isOfCall(order, wanted)) continue;
      found.push(isWhole(row) ? order : checked(await client.order(order.id), order.id));
    }
  }
  return found;
}

type Closing = Outcome<{ paid: boolean }>;

/**
 * Closes a session that nobody paid.
 * @throws ProviderError when Conekta refuses although it is open, and when it does not know it.
 */
export async function expireSession(
  client: ConektaCheckoutCalls,
  { providerPaymentId }: SessionTarget,
): Promise<Closing> {
  // A checkout does not name its order, and only the order says whether a voucher is out.
  if (providerPaymentId === undefined) throw new Error('a session at Conekta is closed by its order');
  return closeOrder(client, orderIdOf(providerPaymentId));
}

/**
 * Cancels the order, which leaves nothing of it payable: its checkout alone would leave the vouchers. One whose
 * voucher is out stays as it is, for somebody may be paying it.
 */
export async function closeOrder(client: ConektaCheckoutCalls, orderId: string): Promise<Closing> {
  const order = await lookAt(client, orderId);
  return settled(order) ?? cancel(client, order);
}

async function cancel(client: ConektaCheckoutCalls, order: ConektaOrder): Promise<Closing> {
  try {
    const path = `${orderPath(order.id)}/cancel`;
    const answer = await client.write({ method: 'POST', path });
    if (!answer.known) return answer;
    return verdict(readOrder(answer.value));
  } catch (error) {
    if (!isRefused(error)) throw error;
    return afterRefusal(client, order, error);
  }
}

/** Conekta refuses what was paid or closed meanwhile, and perhaps an order that has no charge yet. */
async function afterRefusal(
  client: ConektaCheckoutCalls,
  { id }: ConektaOrder,
  refusal: ProviderError,
): Promise<Closing> {
  return orInDoubt(async () => {
    const order = await lookAt(client, id);
    const already = settled(order);
    if (already !== undefined) return already;
    if (order.checkout === undefined) throw refusal;
    const path = `/checkouts/${encodeURIComponent(order.checkout.id)}/cancel`;
    const answer = await client.write({ method: 'PUT', path });
    if (!answer.known) return answer;
    return verdict(await lookAt(client, id));
  });
}

function settled(order: ConektaOrder): Closing | undefined {
  const standing = standingOf(order);
  return standing === 'open' ? undefined : { known: true, value: { paid: standing === 'paying' } };
}

function verdict(order: ConektaOrder | undefined): Closing {
  const known = order === undefined ? undefined : settled(order);
  return known ?? { known: false, error: unusableAnswer('not_a_closed_order') };
}

/** Of an order that says itself that money is there, the charges need not be read, and perhaps cannot be. */
async function lookAt(client: ConektaCheckoutCalls, orderId: string): Promise<ConektaOrder> {
  const shown = await client.read(orderPath(orderId));
  const order = readOrder(shown);
  if (order === undefined) throw unusableAnswer('not_an_order');
  if (isTaken(order) || isWhole(shown)) return order;
  return readOrder(await wholeOrder(client, shown)) ?? order;
}

function isRefused(error: unknown): error is ProviderError {
  return error instanceof ProviderError && (error.kind === 'invalid_request' || error.kind === 'declined');
}
