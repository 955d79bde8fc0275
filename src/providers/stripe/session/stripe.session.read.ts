import { providerAddress, webAddress } from '../../../kernel/web.address.js';
import { oursIn, type PaymentRef } from '../../facts.js';
import { idOf, integerOf, isJson, type Json, metadataOf, textOf, timeOf } from '../../json.read.js';
import type { OpenedSession } from '../../payment.ports.js';
import type { ProviderCall } from '../../provider.calls.js';
import { readIntent, type StripeIntent } from '../payment/stripe.intent.read.js';
import { STRIPE } from '../stripe.account.js';

/** A checkout session in payment mode as Stripe tells it; amounts are Stripe's own. */
export interface StripeSession {
  ref: PaymentRef;
  id: string;
  /** open, complete or expired. */
  status: string | undefined;
  paymentStatus: string | undefined;
  currency: string | undefined;
  amountTotal: number | undefined;
  created: Date;
  expiresAt: Date;
  livemode: boolean;
  metadata: Readonly<Record<string, string>>;
  /** Where the customer belongs now: the page, or once it is closed the place it leads back to. */
  url: string | undefined;
  /** Shows an embedded session inside a page; for the browser of whoever pays, and no log. */
  clientSecret: string | undefined;
  /** There only where Stripe was asked to expand it. */
  intent: StripeIntent | undefined;
}

/** Undefined for anything but a session in payment mode. */
export function readSession(value: unknown): StripeSession | undefined {
  if (!isJson(value) || value.object !== 'checkout.session' || value.mode !== 'payment') return undefined;
  const [id, created, expiresAt] = [textOf(value.id), timeOf(value.created), timeOf(value.expires_at)];
  if (!id || !created || !expiresAt) return undefined;
  const metadata = metadataOf(value.metadata);
  const status = textOf(value.status);
  return {
    ref: {
      provider: STRIPE,
      // Never `client_reference_id`: whoever pays on a Payment Link writes it into the address.
      ...oursIn(metadata),
      sessionId: id,
      providerPaymentId: idOf(value.payment_intent),
    },
    id,
    status,
    paymentStatus: textOf(value.payment_status),
    currency: textOf(value.currency),
    amountTotal: integerOf(value.amount_total),
    created,
    expiresAt,
    livemode: value.livemode === true,
    metadata,
    url: urlOf(value),
    clientSecret: textOf(value.client_secret),
    intent: readIntent(value.payment_intent),
  };
}

/** Stripe's own page; the places that it leads back to are the shop's. */
function urlOf({ url, status, success_url, cancel_url }: Json): string | undefined {
  const page = textOf(url);
  if (page !== undefined) return providerAddress(page);
  return webAddress(textOf(status === 'complete' ? success_url : cancel_url));
}

/**
 * @param request that opened it; one with a `payUrl` is embedded.
 * @returns undefined for a session that nobody can be shown, which is none of ours.
 */
export function openedSessionOf(
  session: StripeSession,
  request: ProviderCall['request'],
): OpenedSession | undefined {
  const payUrl = textOf(request.payUrl);
  const checkoutUrl = payUrl ?? session.url;
  if (checkoutUrl === undefined) return undefined;
  const { clientSecret } = session;
  if (payUrl !== undefined && clientSecret === undefined && session.status === 'open') return undefined;
  return {
    sessionId: session.id,
    providerPaymentId: session.ref.providerPaymentId,
    checkoutUrl,
    ...(payUrl !== undefined && { embed: { clientSecret, publicKey: textOf(request.publishableKey) } }),
    expiresAt: session.expiresAt,
    livemode: session.livemode,
  };
}
