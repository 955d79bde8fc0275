import { createHash } from 'node:crypto';
import type { Money } from '../kernel/money.js';
import type { PaymentMethodName, SessionInput, SessionItem } from '../providers/provider.port.js';

/** What a caller asks for, validated and in minor units; no provider is chosen yet. */
export interface SessionRequest {
  orderId: string;
  money: Money;
  items: readonly SessionItem[];
  provider?: string | undefined;
  ui: 'hosted' | 'embedded';
  successUrl?: string | undefined;
  cancelUrl?: string | undefined;
  customer?:
    { name?: string | undefined; email?: string | undefined; phone?: string | undefined } | undefined;
  paymentMethods?: readonly PaymentMethodName[] | undefined;
  capture: 'automatic' | 'manual';
  installments: readonly number[];
  metadata: Readonly<Record<string, string>>;
  locale?: string | undefined;
  expiresIn?: number | undefined;
}

/**
 * Fingerprint of everything that makes one request different from another (SHA-256, hex).
 * Keys are written in a fixed order, so that equal content gives equal text.
 */
export function contentHash(request: SessionRequest): string {
  const content = [
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
    Object.entries(request.metadata).sort(([left], [right]) => (left < right ? -1 : 1)),
    request.locale,
    request.expiresIn,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** What the provider is asked for one payment of this request. */
export function sessionInput(
  request: SessionRequest,
  rest: Pick<SessionInput, 'paymentId' | 'successUrl' | 'cancelUrl' | 'now'>,
): SessionInput {
  const {
    orderId,
    money,
    items,
    ui,
    customer,
    paymentMethods,
    capture,
    installments,
    metadata,
    locale,
    expiresIn,
  } = request;
  return {
    orderId,
    money,
    items,
    ui,
    customer,
    paymentMethods,
    capture,
    installments,
    metadata,
    locale,
    expiresIn,
    ...rest,
  };
}
