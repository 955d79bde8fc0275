import { Clock } from '../../kernel/clock.js';
import type { Fact, PaymentRef, SessionEmbed } from '../facts.js';
import type { EmbeddedCheckout, OpenedSession, SessionInput, SessionTarget } from '../payment.ports.js';
import type { Outcome, ProviderCall } from '../provider.calls.js';
import type { Capability, PaymentProvider } from '../provider.port.js';
import type { KnownPayment, WebhookEvent, WebhookRequest } from '../webhook.ports.js';
import { ConektaCardSetups } from './customer/conekta.card.setups.js';
import { ConektaCharges } from './payment/conekta.charges.js';
import { retrieve } from './payment/conekta.orders.js';
import { createSession, expireSession } from './session/conekta.sessions.js';
import { ConektaClient, type ConektaClientOptions, isConektaItself } from './conekta.client.js';
import { ConektaCustomers } from './customer/conekta.customers.js';
import { embeddedCheckout, type ConektaEmbedOptions } from './session/conekta.embedded.js';
import { ConektaEndpoints } from './endpoint/conekta.endpoints.js';
import { CONEKTA } from './conekta.account.js';
import { ConektaPlans } from './plan/conekta.plans.js';
import { sessionRequest } from './session/conekta.session.request.js';
import { ConektaSubscriptions } from './subscription/conekta.subscriptions.js';
import { factsOf } from './webhook/conekta.webhook.facts.js';
import { mayNeedRead, subjectOf } from './webhook/conekta.event.js';
import { verifyWebhook } from './webhook/conekta.webhook.js';

export interface ConektaOptions extends ConektaClientOptions, ConektaEmbedOptions {
  /** PEM texts; more than one while a key is being rotated; none: no webhook is authentic. */
  webhookKeys: readonly string[];
  /** Ours, for the metadata of whatever is made. */
  installationId?: string | undefined;
  /** By default the system's. */
  clock?: Clock | undefined;
}

const CAPABILITIES: readonly Capability[] = [
  'hosted_checkout',
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
  'method:card',
  'method:cash',
  'method:bank_transfer',
  'method:bnpl',
  'method:pay_by_bank',
  'method:apple',
  'method:google',
];

/** They take a key for browsers. */
const SHOWN_CAPABILITIES: readonly Capability[] = ['embedded_checkout', 'card_setups'];

/** Conekta, through its hosted page, its component and its API. */
export class ConektaProvider implements PaymentProvider {
  readonly name = CONEKTA;
  readonly livemode: boolean;
  readonly capabilities: ReadonlySet<Capability>;
  readonly customers: ConektaCustomers;
  readonly plans: ConektaPlans;
  readonly subscriptions: ConektaSubscriptions;
  readonly charges: ConektaCharges;
  readonly endpoints: ConektaEndpoints;
  readonly cardSetups: ConektaCardSetups;
  readonly subjectOf = subjectOf;
  readonly mayNeedRead = mayNeedRead;
  private readonly client: ConektaClient;

  constructor(private readonly options: ConektaOptions) {
    if (options.webhookKeys.some((key) => key.trim() === '')) throw new Error('a webhook key is blank');
    const { livemode, clock = new Clock(), installationId } = options;
    const client = new ConektaClient(options);
    const account = { livemode, clock, installationId };
    this.livemode = livemode;
    this.capabilities = new Set(this.embeds ? [...CAPABILITIES, ...SHOWN_CAPABILITIES] : CAPABILITIES);
    this.client = client;
    this.endpoints = new ConektaEndpoints(client, { livemode, publicOnly: isConektaItself(options.apiBase) });
    this.customers = new ConektaCustomers(client, account);
    this.plans = new ConektaPlans(client);
    this.subscriptions = new ConektaSubscriptions(client, account);
    this.charges = new ConektaCharges(client, account);
    this.cardSetups = new ConektaCardSetups(client, livemode, options);
  }

  get hasWebhookKeys(): boolean {
    return this.options.webhookKeys.length > 0;
  }

  sessionRequest(input: SessionInput): ProviderCall['request'] {
    return sessionRequest(input, this.embeds, this.options.installationId);
  }

  createSession(call: ProviderCall): Promise<Outcome<OpenedSession>> {
    const { livemode, publicKey } = this.options;
    return createSession(this.client, call, { livemode, publicKey });
  }

  /** Nothing is closed twice, so the call's id is not needed. */
  expireSession(_call: ProviderCall, session: SessionTarget): Promise<Outcome<{ paid: boolean }>> {
    return expireSession(this.client, session);
  }

  retrieve(ref: PaymentRef): Promise<readonly Fact[]> {
    return retrieve(this.client, ref);
  }

  verify(request: WebhookRequest): WebhookEvent {
    return verifyWebhook(request, [...this.options.webhookKeys, ...request.registeredKeys]);
  }

  factsOf(event: WebhookEvent, known: KnownPayment | undefined): readonly Fact[] | Promise<readonly Fact[]> {
    return factsOf(this.client, event, known);
  }

  embeddedCheckout(embed: SessionEmbed, language: 'es' | 'en'): EmbeddedCheckout {
    return embeddedCheckout(embed, language, this.options);
  }

  private get embeds(): boolean {
    return this.options.publicKey !== undefined;
  }
}
