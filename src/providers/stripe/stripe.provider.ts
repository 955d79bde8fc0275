import { isLiveKey } from '../../config/env.rules.js';
import { type Clock, SystemClock } from '../../kernel/clock.js';
import type { Fact, PaymentRef } from '../facts.js';
import type {
  Capability,
  ConfirmedEvent,
  KnownPayment,
  OpenedSession,
  Outcome,
  PaymentProvider,
  ProviderCall,
  SessionInput,
  WebhookEvent,
  WebhookRequest,
} from '../provider.port.js';
import { createSession, expireSession, findSession } from './stripe.checkout.js';
import { StripeClient, type StripeClientOptions } from './stripe.client.js';
import { confirm } from './stripe.confirm.js';
import { readEvent } from './stripe.event.js';
import { STRIPE } from './stripe.name.js';
import { refOfEvent } from './stripe.ref.js';
import { retrieve } from './stripe.retrieve.js';
import { planSession } from './stripe.session.js';
import { translate } from './stripe.translate.js';
import { verifyWebhook } from './stripe.webhook.js';

export interface StripeOptions extends StripeClientOptions {
  /** More than one while a secret is being rotated; none: no webhook is authentic. */
  webhookSecrets: readonly string[];
  /** Dates what Stripe says on a read and does not date itself. */
  clock?: Clock;
}

const CAPABILITIES: ReadonlySet<Capability> = new Set([
  'hosted_checkout',
  'manual_capture',
  'installments',
  'method:card',
  'method:cash',
  'method:bank_transfer',
  'method:apple',
  'method:google',
]);

/** Stripe, through hosted checkout pages. Each verb is in the file that is named after it. */
export class StripeProvider implements PaymentProvider {
  readonly name = STRIPE;
  readonly livemode: boolean;
  readonly capabilities = CAPABILITIES;
  private readonly client: StripeClient;
  private readonly clock: Clock;

  constructor(private readonly options: StripeOptions) {
    if (options.webhookSecrets.some((secret) => secret.trim() === ''))
      throw new Error('a webhook secret is blank');
    this.livemode = isLiveKey(options.secretKey);
    this.client = new StripeClient(options);
    this.clock = options.clock ?? new SystemClock();
  }

  planSession(input: SessionInput): ProviderCall['request'] {
    return planSession(input);
  }

  createSession(call: ProviderCall): Promise<Outcome<OpenedSession>> {
    return createSession(this.client, call);
  }

  expireSession(call: ProviderCall, sessionId: string): Promise<Outcome<{ paid: boolean }>> {
    return expireSession(this.client, call, sessionId);
  }

  findSession(paymentId: string, createdAfter: Date): Promise<OpenedSession | undefined> {
    return findSession(this.client, paymentId, createdAfter);
  }

  retrieve(ref: PaymentRef): Promise<readonly Fact[]> {
    const source = { livemode: this.livemode, at: this.clock.now(), eventId: undefined };
    return retrieve(this.client, ref, source);
  }

  verifyWebhook(request: WebhookRequest): WebhookEvent {
    return verifyWebhook(request, this.options.webhookSecrets);
  }

  refOf(event: WebhookEvent): PaymentRef | undefined {
    return refOfEvent(event);
  }

  async confirmWebhook(event: WebhookEvent, known: KnownPayment | undefined): Promise<ConfirmedEvent> {
    const read = readEvent(event);
    return { event, evidence: read === undefined ? {} : await confirm(this.client, read, known) };
  }

  translateWebhook(confirmed: ConfirmedEvent): readonly Fact[] {
    return translate(confirmed);
  }
}
