import type { OpenedSession, SessionInput } from '../../../src/providers/payment.ports.js';
import type { PaymentProvider, With } from '../../../src/providers/provider.port.js';
import type { RegisteredEndpoint } from '../../../src/providers/webhook.ports.js';
import { sessionInput } from './session.kinds.js';

const DAY_MS = 86_400_000;

/** Has one of our adapters make its calls, as the service does. */
export class AdapterDriver {
  private calls = 0;

  constructor(readonly provider: With<'endpoints'>) {}

  async open(changes: Partial<SessionInput> = {}): Promise<OpenedSession> {
    return this.send(this.provider.sessionRequest(sessionInput(changes)));
  }

  /** Sends it once more days later, when nobody knows any more what became of the first. */
  async openAgain(): Promise<OpenedSession> {
    const sentBefore = new Date(Date.now() - 3 * DAY_MS);
    return this.send(this.provider.sessionRequest(sessionInput()), sentBefore);
  }

  /** Everything that is read of a payment. */
  async look({ sessionId, providerPaymentId }: OpenedSession): Promise<void> {
    await this.provider.retrieve({ provider: this.provider.name, sessionId, providerPaymentId });
  }

  async close({ sessionId, providerPaymentId }: OpenedSession): Promise<void> {
    const call = { operationId: this.nextId(), request: {} };
    const outcome = await this.provider.expireSession(call, { sessionId, providerPaymentId });
    if (!outcome.known) throw outcome.error;
  }

  /** Registers an endpoint, lists it, gives it another key, and takes it away. */
  async manageEndpoints(url: string): Promise<void> {
    const made = await this.provider.endpoints.create(url, this.provider.endpoints.events);
    if (!made.known) throw made.error;
    await this.provider.endpoints.list();
    const rotated = await this.provider.endpoints.rotateKey(made.value.endpoint);
    if (!rotated.known) throw rotated.error;
    await this.retire(made.value);
    const deleted = await this.provider.endpoints.delete(rotated.value.endpoint.remoteId);
    if (!deleted.known) throw deleted.error;
  }

  private async retire(before: RegisteredEndpoint): Promise<void> {
    const retired = await this.provider.endpoints.retireKey(before);
    if (!retired.known) throw retired.error;
  }

  private async send(
    request: ReturnType<PaymentProvider['sessionRequest']>,
    sentBefore?: Date,
  ): Promise<OpenedSession> {
    // As a database keeps it.
    const kept: typeof request = JSON.parse(JSON.stringify(request));
    const operationId = this.nextId();
    const outcome = await this.provider.createSession({ operationId, request: kept, sentBefore });
    if (!outcome.known) throw outcome.error;
    return outcome.value;
  }

  private nextId(): string {
    this.calls += 1;
    return `operation-${this.calls}`;
  }
}
