import { createHash } from 'node:crypto';
import type { SessionInput } from '../../providers/provider.port.js';

/** What a caller asks for, validated and in minor units; no provider is chosen yet. */
export interface SessionRequest extends Omit<SessionInput, DecidedLater> {
  /** A provider's name; undefined: by PROVIDER_ROUTES. */
  provider?: string | undefined;
  successUrl?: string | undefined;
  cancelUrl?: string | undefined;
}

type DecidedLater = 'paymentId' | 'successUrl' | 'cancelUrl' | 'now';

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
  { provider: _provider, ...request }: SessionRequest,
  decided: Pick<SessionInput, DecidedLater>,
): SessionInput {
  return { ...request, ...decided };
}
