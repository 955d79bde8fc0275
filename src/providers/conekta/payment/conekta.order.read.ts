import type { Money } from '../../../kernel/money.js';
import { providerAddress } from '../../../kernel/web.address.js';
import { oursIn, type PaymentRef } from '../../facts.js';
import { integerOf, isJson, jsonOf, metadataOf, textOf, timeOf } from '../../json.read.js';
import type { ProviderCall } from '../../provider.calls.js';
import { CONEKTA, fromConektaAmount } from '../conekta.account.js';
import { pageOf } from '../conekta.client.js';
import { unusableAnswer } from '../conekta.errors.js';
import { type ConektaCharge, readCharge, sessionIdOf } from './conekta.charge.read.js';

/** An order, in an event or in an answer: the two have one shape. */
export interface ConektaOrder {
  /** Without a charge: `orderFacts` says which one pays. */
  ref: PaymentRef;
  id: string;
  /** What is asked for. Undefined in a currency that Conekta does not settle. */
  money: Money | undefined;
  livemode: boolean;
  /** Undefined as long as nobody has tried to pay. */
  paymentStatus: string | undefined;
  createdAt: Date;
  updatedAt: Date;
  metadata: Readonly<Record<string, string>>;
  checkout: ConektaCheckout | undefined;
  /** Oldest first. */
  charges: readonly ConektaCharge[];
}

/** Of an order whose money came in, whatever became of it since. */
const PAID = new Set(['paid', 'partially_refunded', 'refunded', 'charged_back']);

export function isPaidOrder(order: ConektaOrder): boolean {
  return order.paymentStatus !== undefined && PAID.has(order.paymentStatus) && !isReleased(order);
}

/** The hold was let go of, never taken. Conekta may call that a refund of the whole order. */
export function isReleased({ paymentStatus, charges }: ConektaOrder): boolean {
  const isBack = paymentStatus === 'refunded';
  if (!isBack && paymentStatus !== 'pre_authorized') return false;
  const isLetGo = ({ state }: ConektaCharge): boolean => state === 'released' || (isBack && state === 'held');
  const isWithout = (charge: ConektaCharge): boolean =>
    isLetGo(charge) || charge.state === 'declined' || charge.state === 'over';
  return charges.some(isLetGo) && charges.every(isWithout);
}

/** The page or component that an order is paid on. */
interface ConektaCheckout {
  id: string;
  url: string | undefined;
  expiresAt: Date | undefined;
  /** Lower case: issued, finalized, expired, cancelled, … */
  status: string | undefined;
  /** Integration, HostedPayment or PaymentLink. */
  type: string | undefined;
}

/** Undefined for anything but an order. */
export function readOrder(value: unknown): ConektaOrder | undefined {
  if (!isJson(value) || value.object !== 'order') return undefined;
  const [id, createdAt] = [textOf(value.id), timeOf(value.created_at)];
  if (!id || !createdAt) return undefined;
  const metadata = metadataOf(value.metadata);
  const checkout = readCheckout(value.checkout);
  return {
    ref: {
      provider: CONEKTA,
      ...oursIn(metadata),
      sessionId: checkout?.type === 'PaymentLink' ? undefined : (checkout?.id ?? sessionIdOf(value.channel)),
      providerPaymentId: id,
    },
    id,
    money: fromConektaAmount(integerOf(value.amount), textOf(value.currency)),
    livemode: value.livemode === true,
    paymentStatus: textOf(value.payment_status),
    createdAt,
    updatedAt: timeOf(value.updated_at) ?? createdAt,
    metadata,
    checkout,
    charges: pageOf(value.charges)
      .flatMap((one) => readCharge(one) ?? [])
      .sort(byAge),
  };
}

function readCheckout(value: unknown): ConektaCheckout | undefined {
  if (!isJson(value)) return undefined;
  const id = textOf(value.id);
  if (id === undefined) return undefined;
  return {
    id,
    url: providerAddress(textOf(value.url)),
    expiresAt: timeOf(value.expires_at),
    status: textOf(value.status)?.toLowerCase(),
    type: textOf(value.type),
  };
}

/** Oldest first; the id decides within a second, so that every reading has one order. */
export function byAge<T extends { id: string; createdAt: Date }>(a: T, b: T): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1);
}

/** @throws ProviderError for anything but the order with the id: that proves no lack of money. */
export function checked(answer: unknown, id: string): ConektaOrder {
  const order = readOrder(answer);
  if (order?.id !== id) throw unusableAnswer('not_the_order');
  return order;
}

/**
 * A payment counts by the charge that paid it, and Conekta may call an order paid before the charge shows it.
 * @param knownId the charge known to pay
 * @throws ProviderError for an order that is paid by nothing that it shows: it is asked for again.
 */
export function assertShowsPayment(order: ConektaOrder, knownId?: string): void {
  if (knownId !== undefined || !isPaidOrder(order)) return;
  if (payingChargeOf(order) === undefined) throw unusableAnswer('paid_charge_not_shown');
}

/** Whether the order was made by this very call, at its first sending or at a later one. */
export function isOfCall({ metadata }: ConektaOrder, { operationId, request }: ProviderCall): boolean {
  const { paymentId } = jsonOf(jsonOf(request.order).metadata);
  return metadata.operationId === operationId && metadata.paymentId === (textOf(paymentId) ?? '');
}

/** The charge known to pay, else the first paid, else one paid and handed back, else the first that holds money. */
export function payingCharge(charges: readonly ConektaCharge[], knownId?: string): ConektaCharge | undefined {
  return (
    charges.find(({ id, state }) => id === knownId && (state === 'paid' || state === 'reversed')) ??
    paidCharges(charges)[0] ??
    charges.find(({ state, paidAt }) => state === 'reversed' && paidAt !== undefined) ??
    charges.find(({ state }) => state === 'held')
  );
}

/** As `payingCharge`; of a paid order it may be a charge in a state that is new to us. */
export function payingChargeOf(order: ConektaOrder, knownId?: string): ConektaCharge | undefined {
  const unknown = ({ state, paidAt }: ConektaCharge): boolean => state === undefined && paidAt !== undefined;
  return (
    payingCharge(order.charges, knownId) ?? (isPaidOrder(order) ? order.charges.find(unknown) : undefined)
  );
}

/** All whose money came in and was not handed back over the counter, the first paid first. */
export function paidCharges(charges: readonly ConektaCharge[]): ConektaCharge[] {
  return charges
    .filter(({ state }) => state === 'paid')
    .sort((a, b) => paidAtOf(a).getTime() - paidAtOf(b).getTime() || (a.id < b.id ? -1 : 1));
}

export function paidAtOf({ paidAt, createdAt }: ConektaCharge): Date {
  return paidAt ?? createdAt;
}

/** Of the order's own payment only: the charge of a second one must not pass for the first. */
export function payingChargeId(
  orderId: string,
  payment?: Pick<PaymentRef, 'providerPaymentId' | 'chargeId'>,
): string | undefined {
  return payment?.providerPaymentId === orderId ? payment.chargeId : undefined;
}

/** The order's id in the id of a payment, its first or a second one. */
export function orderIdOf(providerPaymentId: string): string {
  return providerPaymentId.split('/', 1)[0] ?? providerPaymentId;
}

/** Whether an order can still be paid on its checkout. */
type Standing =
  | 'open'
  /** Money came in or is held, or a voucher is out. */
  | 'paying'
  | 'closed';

/** Without charges, only the order itself tells that somebody is paying. */
const WAITING = new Set(['pending_payment', 'under_fraud_review']);

/** Not `fraudulent`: the checkout may still take another card. */
const CLOSED = new Set(['canceled', 'expired', 'voided']);

/** By the order's own word, whatever its charges show. */
export function isTaken(order: ConektaOrder): boolean {
  return isPaidOrder(order) || (order.paymentStatus === 'pre_authorized' && !isReleased(order));
}

export function standingOf(order: ConektaOrder): Standing {
  const { charges, paymentStatus = '', checkout } = order;
  if (isTaken(order)) return 'paying';
  if (charges.length > 0 ? charges.some(isPaying) : WAITING.has(paymentStatus)) return 'paying';
  if (CLOSED.has(paymentStatus)) return 'closed';
  return checkout?.status === undefined || checkout.status === 'issued' ? 'open' : 'closed';
}

/** A card whose bank asks its holder is not paid with yet, and may never be. */
function isPaying({ state, status }: ConektaCharge): boolean {
  if (state === 'waiting') return status !== 'pending_confirmation';
  return state === 'paid' || state === 'held' || state === 'reversed';
}
