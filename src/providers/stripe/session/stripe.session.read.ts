import { providerAddress, webAddress } from '../../../kernel/web.address.js';
import { oursIn, type PaymentRef } from '../../facts.js';
import { idOf, integerOf, isJson, type Json, metadataOf, textOf, timeOf } from '../../json.read.js';
import type { OpenedSession } from '../../payment.ports.js';
import type { ProviderCall } from '../../provider.calls.js';
import { readIntent } from '../payment/stripe.intent.read.js';
import { STRIPE } from '../stripe.account.js';

/** Amounts are Stripe's own. */
export type StripeSession = NonNullable<ReturnType<typeof readSession>>;

/** Undefined for anything but a checkout session in payment mode. */
export function readSession(value: unknown) {
  if (!isJson(value) || value.object !== 'checkout.session' || value.mode !== 'payment') return undefined;
  const [id, created, expiresAt] = [textOf(value.id), timeOf(value.created), timeOf(value.expires_at)];
  if (!id || !created || !expiresAt) return undefined;
  const metadata = metadataOf(value.metadata);
  const providerPaymentId = idOf(value.payment_intent);
  // Never `client_reference_id`: whoever pays on a Payment Link writes it into the address.
  const ref: PaymentRef = { provider: STRIPE, ...oursIn(metadata), sessionId: id, providerPaymentId };
  return {
    ref,
    id,
    /** open, complete or expired. */
    status: textOf(value.status),
    paymentStatus: textOf(value.payment_status),
    currency: textOf(value.currency),
    amount: integerOf(value.amount_total),
    created,
    expiresAt,
    livemode: value.livemode === true,
    metadata,
    url: urlOf(value),
    /** Shows an embedded session; for the payer's browser, and no log. */
    clientSecret: textOf(value.client_secret),
    /** Only where Stripe was asked to expand it. */
    intent: readIntent(value.payment_intent),
  };
}

/** Where the customer belongs now: Stripe's page or, once it is closed, the shop's that it leads back to. */
function urlOf({ url, status, success_url, cancel_url }: Json): string | undefined {
  const page = textOf(url);
  if (page !== undefined) return providerAddress(page);
  return webAddress(textOf(status === 'complete' ? success_url : cancel_url));
}

/**
 * @param request that opened it; one with a `payUrl` is embedded.
 * @returns undefined for a session without anything to show: it is none of ours.
 */
export function openedSessionOf(
  session: StripeSession,
  request: ProviderCall['request'],
): OpenedSession | undefined {
  const payUrl = textOf(request.payUrl);
  const checkoutUrl = payUrl ?? session.url;
  if (checkoutUrl === undefined) return undefined;
  const { id, ref, clientSecret, expiresAt, livemode } = session;
  if (payUrl !== undefined && clientSecret === undefined && session.status === 'open') return undefined;
  return {
    sessionId: id,
    providerPaymentId: ref.providerPaymentId,
    checkoutUrl,
    ...(payUrl !== undefined && { embed: { clientSecret, publicKey: textOf(request.publishableKey) } }),
    expiresAt,
    livemode,
  };
}
