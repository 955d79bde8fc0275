import type { Money } from '../../../kernel/money.js';
import { providerAddress } from '../../../kernel/web.address.js';
import type { PaymentRef } from '../../facts.js';
import { integerOf, isJson, metadataOf, textOf, timeOf } from '../../json.read.js';
import { type ConektaCharge, pageOf, readCharge, sessionIdOf } from './conekta.charge.js';
import { fromConektaAmount } from '../conekta.money.js';
import { CONEKTA } from '../conekta.name.js';

/** An order as Conekta tells it, in an event or in an answer: the two have one shape. */
export interface ConektaOrder {
  /** Without a charge: which one pays is for `orderFacts` to say. */
  ref: PaymentRef;
  id: string;
  /** What is asked for. Undefined in a currency that Conekta does not settle in. */
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

/** What Conekta says of an order whose money came in, whatever became of it since. */
const PAID = new Set(['paid', 'partially_refunded', 'refunded', 'charged_back']);

export function isPaidOrder(order: ConektaOrder): boolean {
  return order.paymentStatus !== undefined && PAID.has(order.paymentStatus) && !isReleased(order);
}

/** What a bank held was let go of and never taken. Conekta may call that a refund of the whole order. */
export function isReleased({ paymentStatus, charges }: ConektaOrder): boolean {
  const isBack = paymentStatus === 'refunded';
  if (!isBack && paymentStatus !== 'pre_authorized') return false;
  const isLetGo = ({ state }: ConektaCharge): boolean => state === 'released' || (isBack && state === 'held');
  const isWithout = (charge: ConektaCharge): boolean =>
    isLetGo(charge) || charge.state === 'declined' || charge.state === 'over';
  return charges.some(isLetGo) && charges.every(isWithout);
}

/** The page or component that an order is paid on. */
export interface ConektaCheckout {
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
      installationId: textOf(metadata.installationId),
      paymentId: textOf(metadata.paymentId),
      orderId: textOf(metadata.orderId),
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
    charges: chargesOf(value.charges),
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

/** Times have whole seconds only; the id decides between equal ones, so that every reading has one order. */
function chargesOf(value: unknown): ConektaCharge[] {
  return pageOf(value)
    .flatMap((one) => readCharge(one) ?? [])
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
}
