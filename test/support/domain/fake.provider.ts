import type { Fact, PaymentRef } from '../../../src/providers/facts.js';
import type { OpenedSession, SessionInput, SessionTarget } from '../../../src/providers/payment.ports.js';
import type { Outcome, ProviderCall } from '../../../src/providers/provider.calls.js';
import { ProviderError, type ProviderErrorKind } from '../../../src/providers/provider.errors.js';
import type { Capability, PaymentProvider } from '../../../src/providers/provider.port.js';
import type { WebhookEvent, WebhookRequest, WebhookSubject } from '../../../src/providers/webhook.ports.js';

export const FAKE = 'fake';

/** How the next mutating call goes. */
export type Answer =
  | 'ok'
  /** It acts, and its answer is lost. */
  | 'lost'
  /** Nothing arrives there, and nobody knows. */
  | 'vanished'
  | ProviderErrorKind;

interface FakeSession extends OpenedSession {
  paymentId: string;
  state: 'open' | 'expired' | 'paid';
}

/** A provider in memory: acts once for each operation id, as far as it remembers the id. */
export class FakeProvider implements PaymentProvider {
  readonly name: string = FAKE;
  readonly livemode = false;
  readonly hasWebhookKeys: boolean = true;
  readonly capabilities: ReadonlySet<Capability> = new Set(['hosted_checkout']);
  readonly sessions: FakeSession[] = [];
  /** Every call, in order: its verb and what it was about. */
  readonly calls: string[] = [];
  /** What each call to create a session that acted said of an earlier sending. */
  readonly sentBefore: (Date | undefined)[] = [];
  /** For the next mutating calls, first come first served; then `ok`. */
  answers: Answer[] = [];
  /** What `retrieve` tells. */
  truth: (ref: PaymentRef) => Fact[] = () => [];
  /** Runs while a mutating call is on its way. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  private readonly remembered = new Map<string, OpenedSession>();

  sessionRequest(input: SessionInput): ProviderCall['request'] {
    const { paymentId, orderId, successUrl, cancelUrl } = input;
    return { paymentId, orderId, successUrl, cancelUrl, amount: input.money.amount.toString() };
  }

  async createSession(call: ProviderCall): Promise<Outcome<OpenedSession>> {
    this.calls.push(`create ${String(call.request.paymentId)}`);
    await this.meanwhile();
    const answer = this.answers.shift() ?? 'ok';
    if (answer === 'vanished') return { known: false, error: new Error('no answer') };
    if (answer !== 'ok' && answer !== 'lost') throw refusal(answer);
    this.sentBefore.push(call.sentBefore);
    const session = this.remembered.get(call.operationId) ?? this.open(call);
    return answer === 'ok'
      ? { known: true, value: session }
      : { known: false, error: new Error('no answer') };
  }

  async expireSession(
    _call: ProviderCall,
    { sessionId }: SessionTarget,
  ): Promise<Outcome<{ paid: boolean }>> {
    this.calls.push(`expire ${sessionId}`);
    await this.meanwhile();
    const answer = this.answers.shift() ?? 'ok';
    if (answer === 'vanished') return { known: false, error: new Error('no answer') };
    if (answer !== 'ok' && answer !== 'lost') throw refusal(answer);
    const session = this.sessions.find((one) => one.sessionId === sessionId);
    if (session === undefined) throw refusal('not_found');
    if (session.state === 'open') session.state = 'expired';
    if (answer === 'lost') return { known: false, error: new Error('no answer') };
    return { known: true, value: { paid: session.state === 'paid' } };
  }

  async retrieve(ref: PaymentRef): Promise<readonly Fact[]> {
    this.calls.push(`retrieve ${ref.sessionId ?? ''}`);
    return this.truth(ref);
  }

  verify(_request: WebhookRequest): WebhookEvent | Promise<WebhookEvent> {
    throw new Error('this provider sends no webhooks');
  }

  subjectOf(_event: WebhookEvent): WebhookSubject | undefined {
    return undefined;
  }

  mayNeedRead(_event: WebhookEvent): boolean {
    return false;
  }

  async factsOf(_event: WebhookEvent): Promise<readonly Fact[]> {
    return [];
  }

  private open(call: ProviderCall): FakeSession {
    const sessionId = `session_${call.operationId}_${this.sessions.length}`;
    const session: FakeSession = {
      sessionId,
      paymentId: String(call.request.paymentId),
      state: 'open',
      checkoutUrl: `https://fake.example/${sessionId}`,
      expiresAt: new Date(Date.now() + 86_400_000),
      livemode: this.livemode,
    };
    this.sessions.push(session);
    this.remembered.set(call.operationId, session);
    return session;
  }
}

function refusal(kind: ProviderErrorKind): ProviderError {
  return new ProviderError(kind, `refused: ${kind}`, { provider: FAKE, providerCode: kind });
}
