import type Stripe from 'stripe';
import type { CardFormStyle, CardSetup, CardSetupInput, CardSetupsPort } from '../../billing.ports.js';
import type { SessionEmbed } from '../../facts.js';
import { idOf, type Json, jsonOf, textOf, timeOf } from '../../json.read.js';
import type { EmbeddedCheckout } from '../../payment.ports.js';
import { andThen, knownOr, type Outcome, type ProviderCall } from '../../provider.calls.js';
import { unsupported } from '../../provider.errors.js';
import { given } from '../../request.rules.js';
import { embeddedCheckout, type StripeEmbedOptions } from '../session/stripe.embedded.js';
import { SESSIONS_PATH, type StripeBillingCalls } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import { stripeLocale } from '../stripe.limits.js';
import { pathOf, recordedParams } from '../stripe.request.js';

/** Card forms: checkout sessions in setup mode, inside a page of ours. */
export class StripeCardSetups implements CardSetupsPort {
  readonly attachesCards = true;

  constructor(
    private readonly client: StripeBillingCalls,
    private readonly options: StripeEmbedOptions & { installationId?: string | undefined },
  ) {}

  request({ setupId, providerCustomerId, returnUrl, locale }: CardSetupInput): ProviderCall['request'] {
    const { publishableKey, installationId } = this.options;
    if (publishableKey === undefined)
      throw unsupported('provider', 'needs STRIPE_PUBLISHABLE_KEY to show a card form');
    const metadata = { setupId, ...given({ installationId }) };
    const session: Stripe.Checkout.SessionCreateParams = {
      mode: 'setup',
      ui_mode: 'embedded_page',
      // Otherwise the browser leaves our page, which could not say that it is finished.
      redirect_on_completion: 'if_required',
      return_url: returnUrl,
      // Without it Stripe wants a currency.
      allowed_payment_method_types: ['card'],
      metadata,
      setup_intent_data: { metadata },
      ...given({ customer: providerCustomerId }),
      ...(locale !== undefined && { locale: stripeLocale(locale) }),
    };
    return { session, publishableKey };
  }

  /** A second session would run out unused: no money moves. */
  create(call: ProviderCall): Promise<Outcome<CardSetup>> {
    const session = recordedParams(call.request, 'session');
    return andThen(this.client.post(SESSIONS_PATH, session, call.operationId), (answer) =>
      knownOr(setupIn(answer, textOf(call.request.publishableKey)), unusableAnswer('not_a_setup_session')),
    );
  }

  /** Stripe's panel sets the look: of the style, only the language counts. */
  form(embed: SessionEmbed, language: 'es' | 'en', style: CardFormStyle): EmbeddedCheckout {
    const shown = embeddedCheckout(embed, style.language ?? language, this.options);
    return { ...shown, config: { ...shown.config, tellsTheEnd: 'yes' } };
  }

  async tokenOf(providerSetupId: string): Promise<string | undefined> {
    const path = pathOf(SESSIONS_PATH, providerSetupId);
    const session = jsonOf(await this.client.get(path, { 'expand[]': 'setup_intent' }));
    if (!isSetup(session)) throw unusableAnswer('not_a_setup_session');
    return session.status === 'complete' ? idOf(jsonOf(session.setup_intent).payment_method) : undefined;
  }
}

function setupIn(answer: unknown, publicKey: string | undefined): CardSetup | undefined {
  const session = jsonOf(answer);
  const [providerSetupId, clientSecret] = [textOf(session.id), textOf(session.client_secret)];
  const expiresAt = timeOf(session.expires_at);
  if (!isSetup(session) || !providerSetupId || !clientSecret || !expiresAt) return undefined;
  const embed = { clientSecret, publicKey };
  return { providerSetupId, embed, expiresAt, livemode: session.livemode === true };
}

function isSetup({ object, mode }: Json): boolean {
  return object === 'checkout.session' && mode === 'setup';
}
