import { createHash } from 'node:crypto';
import { ORDER_ID_TYPE } from '../../kernel/order.id.js';
import type { SessionInput } from '../../providers/provider.port.js';
import type { PaymentRow } from '../payment/payment.tables.js';

/** What a caller asks for, validated and in minor units; no provider is chosen yet. */
export interface SessionRequest extends Omit<SessionInput, DecidedLater> {
  /** A provider's name; undefined: by PROVIDER_ROUTES. */
  provider?: string | undefined;
  /** Our customer; `customerId` is who that is at `provider`. */
  ourCustomerId?: string | undefined;
  successUrl?: string | undefined;
  cancelUrl?: string | undefined;
}

type DecidedLater = 'paymentId' | 'successUrl' | 'cancelUrl' | 'payUrl' | 'now';

/**
 * Fingerprint of everything that makes one request different from another (SHA-256, hex).
 * Keys are written in a fixed order, so that equal content gives equal text.
 */
export function contentHash(request: SessionRequest): string {
  const content: unknown[] = [
    request.money.currency,
    request.items.map((item) => [item.name, item.unitAmount.toString(), item.quantity]),
    request.provider,
    request.ui,
    request.successUrl,
    request.cancelUrl,
    [request.customer?.name, request.customer?.email, request.customer?.phone],
    request.paymentMethods,
    request.capture,
    request.installments,
    Object.entries(request.metadata)
      // `7` and `"7"` are one order.
      .filter(([key]) => key !== ORDER_ID_TYPE)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
    request.locale,
    request.expiresIn,
  ];
  const rest = optionsOf(request);
  if (rest.length > 0) content.push(rest);
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** Whether a session sells these lines, in whatever order they come; a charge without a page is no session. */
export function isSamePurchase(
  { contentHash: session, currency, items }: Pick<PaymentRow, 'contentHash' | 'currency' | 'items'>,
  { money, items: asked }: Pick<SessionRequest, 'money' | 'items'>,
): boolean {
  const lines = (list: readonly { name: string; unitAmount: bigint | string; quantity: number }[]): string =>
    JSON.stringify(
      list.map((item) => [item.name, item.unitAmount.toString(), item.quantity].join('/')).sort(),
    );
  return session !== null && currency === money.currency && lines(items) === lines(asked);
}

/** What few requests have: left out where it is not asked for, the same request keeps the fingerprint it had. */
function optionsOf(request: SessionRequest): [string, unknown][] {
  const amounts = (list: SessionRequest['taxes']): unknown =>
    list.length === 0 ? undefined : list.map(({ name, amount }) => [name, amount.toString()]);
  const options: [string, unknown][] = [
    ['taxes', amounts(request.taxes)],
    ['shipping', amounts(request.shipping)],
    ['discounts', amounts(request.discounts)],
    ['customerId', request.customerId],
    ['onDemand', request.onDemand ? true : undefined],
    ['threeDs', request.threeDs],
    ['shippingContact', shippingOf(request)],
  ];
  return options.filter(([, value]) => value !== undefined);
}

/** In a fixed order, whatever order the caller wrote it in. */
function shippingOf({ shippingContact }: SessionRequest): unknown {
  if (shippingContact === undefined) return undefined;
  const { receiver, phone, address } = shippingContact;
  const { street1, street2, postalCode, city, state, country } = address;
  return [receiver, phone, street1, street2, postalCode, city, state, country];
}

/** What the provider is asked for one payment of this request. */
export function sessionInput(
  { provider: _provider, ourCustomerId: _ours, ...request }: SessionRequest,
  decided: Pick<SessionInput, DecidedLater>,
): SessionInput {
  return { ...request, ...decided };
}
