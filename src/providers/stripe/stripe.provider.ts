import { isLiveKey } from '../../config/env.rules.js';
import { Clock } from '../../kernel/clock.js';
import type { Fact, PaymentRef, SessionEmbed } from '../facts.js';
import type { EmbeddedCheckout, OpenedSession, SessionInput, SessionTarget } from '../payment.ports.js';
import type { Outcome, ProviderCall } from '../provider.calls.js';
import type { Capability, PaymentProvider } from '../provider.port.js';
import type { KnownPayment, WebhookEvent, WebhookRequest } from '../webhook.ports.js';
import { StripeCardSetups } from './customer/stripe.card.setups.js';
import { StripeCustomers } from './customer/stripe.customers.js';
import { StripeEndpoints } from './endpoint/stripe.endpoints.js';
import { StripeCharges } from './payment/stripe.charges.js';
import { StripePlans } from './plan/stripe.plans.js';
import { embeddedCheckout, type StripeEmbedOptions } from './session/stripe.embedded.js';
import { sessionRequest } from './session/stripe.session.request.js';
import { createSession, expireSession, retrieve } from './session/stripe.sessions.js';
import { askedNow, STRIPE, type StripeAccount } from './stripe.account.js';
import { isStripeItself, StripeClient, type StripeClientOptions } from './stripe.client.js';
import { StripeSubscriptions } from './subscription/stripe.subscriptions.js';
import { StripeOwner } from './webhook/stripe.owner.js';
import { mayNeedRead, subjectOf } from './webhook/stripe.subject.js';
import { complete } from './webhook/stripe.thin.js';
import { factsOf } from './webhook/stripe.webhook.facts.js';
import { verifyWebhook } from './webhook/stripe.webhook.js';

export interface StripeOptions
  extends StripeClientOptions, StripeEmbedOptions, Partial<Omit<StripeAccount, 'livemode'>> {
  /** Several while a secret is rotated; none: no webhook is authentic. */
  webhookSecrets: readonly string[];
}

const CAPABILITIES: readonly Capability[] = [
  'hosted_checkout',
  'session_id_in_urls',
  'manual_capture',
  'installments',
  'taxes',
  'shipping',
  'discounts',
  'existing_customer',
  'on_demand',
  'three_ds_mode',
  'webhook_endpoints',
  'customers',
  'direct_charges',
  'plans',
  'subscriptions',
  'subscription_proration',
  'cancel_at_period_end',
  'void_invoices',
  'method:card',
  'method:cash',
  'method:bank_transfer',
  'method:apple',
  'method:google',
];

/** These need a publishable key. */
const EMBEDDING: readonly Capability[] = ['embedded_checkout', 'card_setups'];

export class StripeProvider implements PaymentProvider {
  readonly name = STRIPE;
  readonly livemode: boolean;
  readonly capabilities: ReadonlySet<Capability>;
  readonly customers: StripeCustomers;
  readonly plans: StripePlans;
  readonly subscriptions: StripeSubscriptions;
  readonly charges: StripeCharges;
  readonly endpoints: StripeEndpoints;
  readonly cardSetups: StripeCardSetups;
  readonly subjectOf = subjectOf;
  readonly mayNeedRead = mayNeedRead;
  private readonly client: StripeClient;
  private readonly account: StripeAccount;
  private readonly owner: StripeOwner;

  constructor(private readonly options: StripeOptions) {
    const { webhookSecrets, secretKey, publishableKey, installationId, clock = new Clock() } = options;
    if (webhookSecrets.some((secret) => secret.trim() === '')) throw new Error('a webhook secret is blank');
    const livemode = isLiveKey(secretKey);
    const client = new StripeClient(options);
    const account = { livemode, clock, installationId };
    this.livemode = livemode;
    this.capabilities = new Set(
      publishableKey === undefined ? CAPABILITIES : [...CAPABILITIES, ...EMBEDDING],
    );
    this.client = client;
    this.account = account;
    this.customers = new StripeCustomers(client, account);
    this.plans = new StripePlans(client, account);
    this.subscriptions = new StripeSubscriptions(client, account);
    this.charges = new StripeCharges(client, account);
    this.endpoints = new StripeEndpoints(client, { livemode, publicOnly: isStripeItself(options.apiBase) });
    this.cardSetups = new StripeCardSetups(client, options);
    this.owner = new StripeOwner(client);
  }

  get hasWebhookKeys(): boolean {
    return this.options.webhookSecrets.length > 0;
  }

  sessionRequest(input: SessionInput): ProviderCall['request'] {
    return sessionRequest(input, this.options.publishableKey, this.options.installationId);
  }

  createSession(call: ProviderCall): Promise<Outcome<OpenedSession>> {
    return createSession(this.client, call, this.account.clock.now());
  }

  expireSession(call: ProviderCall, { sessionId }: SessionTarget): Promise<Outcome<{ paid: boolean }>> {
    return expireSession(this.client, call, sessionId);
  }

  retrieve(ref: PaymentRef): Promise<readonly Fact[]> {
    return retrieve(this.client, ref, askedNow(this.account));
  }

  verify(request: WebhookRequest): WebhookEvent {
    return verifyWebhook(request, [...this.options.webhookSecrets, ...request.registeredKeys]);
  }

  complete(event: WebhookEvent): Promise<WebhookEvent> {
    return complete(this.client, event);
  }

  factsOf(event: WebhookEvent, known: KnownPayment | undefined): readonly Fact[] | Promise<readonly Fact[]> {
    return factsOf(this.client, event, known);
  }

  ownsEvent(event: WebhookEvent): Promise<boolean> {
    return this.owner.owns(event);
  }

  embeddedCheckout(embed: SessionEmbed, language: 'es' | 'en'): EmbeddedCheckout {
    return embeddedCheckout(embed, language, this.options);
  }
}
