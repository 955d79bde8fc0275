import { isJson, type Json, jsonOf } from '../../json.read.js';
import { unusableAnswer } from '../conekta.errors.js';
import { type ConektaLists, hasMore, restOfList } from '../conekta.listing.js';
import { pageOf } from './conekta.charge.js';
import { type ConektaOrder, isPaidOrder, readOrder } from './conekta.order.js';
import { payingChargeOf } from './conekta.paying.js';

export function orderPath(id: string): string {
  return `/orders/${encodeURIComponent(id)}`;
}

/**
 * The order with every charge and every refund: Conekta pages the lists inside an order as any other, and the charge
 * that pays may be on any page.
 * @throws ProviderError when not all could be read.
 */
export async function wholeOrder(client: Pick<ConektaLists, 'read'>, order: Json): Promise<Json> {
  if (isWhole(order)) return order;
  const { charges } = order;
  const all = isJson(charges) && hasMore(charges) ? await chargesOf(client, order, charges) : pageOf(charges);
  const whole: unknown[] = [];
  for (const charge of all) whole.push(await wholeCharge(client, jsonOf(charge)));
  return { ...order, charges: listOf(whole) };
}

/** Whether the answer itself shows every charge and every refund. */
export function isWhole({ charges }: Json): boolean {
  return !hasMore(charges) && !pageOf(charges).some((charge) => hasMore(jsonOf(charge).refunds));
}

/** The address of the further pages comes from outside: what is there counts only for the order that it names. */
async function chargesOf(
  client: Pick<ConektaLists, 'read'>,
  { id }: Json,
  charges: Json,
): Promise<unknown[]> {
  const all = await restOfList(client, charges);
  const isForeign = (charge: unknown): boolean => (jsonOf(charge).order_id ?? id) !== id;
  if (all.some(isForeign)) throw unusableAnswer('not_the_charges_of_the_order');
  return all;
}

async function wholeCharge(client: Pick<ConektaLists, 'read'>, charge: Json): Promise<Json> {
  const { refunds } = charge;
  if (!isJson(refunds) || !hasMore(refunds)) return charge;
  return { ...charge, refunds: listOf(await restOfList(client, refunds)) };
}

function listOf(data: readonly unknown[]): Json {
  return { object: 'list', has_more: false, data };
}

/**
 * The order with the id, as it was asked for.
 * @throws ProviderError for any other answer, which must be asked for again: it is no proof that there is no money.
 */
export function checked(answer: unknown, id: string): ConektaOrder {
  const order = readOrder(answer);
  if (order?.id !== id) throw unusableAnswer('not_the_order');
  return order;
}

/**
 * A payment counts by the charge that paid it, and Conekta may call an order paid before the charge shows it.
 * @param knownId the charge that the payment is known to be paid by
 * @throws ProviderError for an order that is paid by nothing that it shows: it must be asked for again.
 */
export function assertShowsPayment(order: ConektaOrder, knownId?: string): void {
  if (knownId !== undefined || !isPaidOrder(order)) return;
  if (payingChargeOf(order) === undefined) throw unusableAnswer('paid_charge_not_shown');
}
