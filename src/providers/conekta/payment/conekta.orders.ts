import type { Fact, PaymentRef } from '../../facts.js';
import { jsonOf, secondsBefore } from '../../json.read.js';
import {
  andThen,
  inDoubt,
  known,
  orInDoubt,
  type Outcome,
  type ProviderCall,
  unlessRefused,
} from '../../provider.calls.js';
import {
  type ConektaCheckoutCalls,
  type ConektaReads,
  isWhole,
  orderPath,
  pagesFrom,
  wholeOrder,
} from '../conekta.client.js';
import { unusableAnswer } from '../conekta.errors.js';
import { openedFacts, orderFacts } from './conekta.order.facts.js';
import {
  assertShowsPayment,
  checked,
  type ConektaOrder,
  isOfCall,
  isTaken,
  orderIdOf,
  payingChargeId,
  readOrder,
  standingOf,
} from './conekta.order.read.js';

type Closing = Outcome<{ paid: boolean }>;

/**
 * What Conekta says of a payment now. Nothing without the order's id: no checkout names its order, and no charge can
 * be asked for.
 * @throws ProviderError, also for an order that Conekta does not know.
 */
export async function retrieve(reads: ConektaReads, ref: PaymentRef): Promise<readonly Fact[]> {
  if (ref.providerPaymentId === undefined) return [];
  const id = orderIdOf(ref.providerPaymentId);
  const order = checked(await reads.order(id), id);
  const knownId = payingChargeId(order.id, ref);
  assertShowsPayment(order, knownId);
  const facts = [...openedFacts(order), ...orderFacts(order, { payingChargeId: knownId })];
  // Orders of the service that was replaced carry none of our ids.
  return facts.map((fact) => ({
    ...fact,
    ref: { ...fact.ref, paymentId: fact.ref.paymentId ?? ref.paymentId },
  }));
}

/**
 * The orders that a call has made, whole. Metadata cannot be searched: all since the call are listed and matched.
 * @throws ProviderError also when not all could be looked at.
 */
export async function findOrders(
  client: ConektaCheckoutCalls,
  call: ProviderCall,
  createdAfter: Date,
  slackSeconds?: number,
): Promise<ConektaOrder[]> {
  const createdFrom = secondsBefore(createdAfter, slackSeconds);
  const found: ConektaOrder[] = [];
  for await (const page of pagesFrom((next) => client.orders(createdFrom, next))) {
    for (const row of page.map(jsonOf)) {
      const order = readOrder(row);
      if (order === undefined || !isOfCall(order, call)) continue;
      found.push(isWhole(row) ? order : checked(await client.order(order.id), order.id));
    }
  }
  return found;
}

/**
 * Cancels the order: canceling its checkout alone would leave the vouchers. One whose voucher is out stays, for
 * somebody may be paying it. Conekta refuses what was paid or closed meanwhile, and perhaps an order without a charge.
 * @throws ProviderError when Conekta refuses although it is open, and when it does not know it.
 */
export async function closeOrder(client: ConektaCheckoutCalls, id: string): Promise<Closing> {
  const path = `${orderPath(id)}/cancel`;
  return (
    settled(await lookAt(client, id)) ??
    unlessRefused<Closing>(
      ['invalid_request', 'declined'],
      () => andThen(client.write({ method: 'POST', path }), (answer) => verdict(readOrder(answer))),
      (refusal) =>
        orInDoubt(async () => {
          const order = await lookAt(client, id);
          const already = settled(order);
          if (already !== undefined) return already;
          if (order.checkout === undefined) throw refusal;
          const checkoutPath = `/checkouts/${encodeURIComponent(order.checkout.id)}/cancel`;
          return andThen(client.write({ method: 'PUT', path: checkoutPath }), async () =>
            verdict(await lookAt(client, id)),
          );
        }),
    )
  );
}

function settled(order: ConektaOrder): Closing | undefined {
  const standing = standingOf(order);
  return standing === 'open' ? undefined : known({ paid: standing === 'paying' });
}

function verdict(order: ConektaOrder | undefined): Closing {
  return (order && settled(order)) ?? inDoubt(unusableAnswer('not_a_closed_order'));
}

/** Where the order itself says that money is there, its charges need not be read, and perhaps cannot be. */
async function lookAt(client: ConektaCheckoutCalls, orderId: string): Promise<ConektaOrder> {
  const shown = await client.read(orderPath(orderId));
  const order = readOrder(shown);
  if (order === undefined) throw unusableAnswer('not_an_order');
  if (isTaken(order) || isWhole(shown)) return order;
  return readOrder(await wholeOrder(client, shown)) ?? order;
}
