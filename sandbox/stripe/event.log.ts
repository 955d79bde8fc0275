import type { SandboxClock } from '../clock.js';
import type { DeliveryQueue } from '../delivery.queue.js';
import type { EndpointBook } from './endpoint.book.js';
import { newId } from './stripe.ids.js';
import { thinEvent } from './thin.event.js';
import type { StripeEvent } from './stripe.types.js';

export const API_VERSION = '2026-10-28.endive';

/** The API request that caused an event; both null for what a customer or the clock did. */
export interface Cause {
  id: string | null;
  idempotency_key: string | null;
}

export const NO_CAUSE: Cause = { id: null, idempotency_key: null };

/** What an event says of whose it is, beside what happened. */
export interface EventEnvelope {
  /** Of a connected account. */
  account?: string;
  /** Of an organization's endpoint. */
  context?: string;
}

/** What a destination gets of an event: the object as it was then, its name only, or one of each. */
export const PAYLOADS = ['snapshot', 'thin', 'both'] as const;
export type Payload = (typeof PAYLOADS)[number];

/** The headers of one attempt for these bytes. */
export type SignDelivery = (body: Buffer, secrets: string[]) => Record<string, string>;

/** Every event that ever happened, oldest first, and their way out as webhooks. */
export class EventLog {
  readonly events: StripeEvent[] = [];
  private cause: Cause = NO_CAUSE;
  /** Whose the next events are. */
  envelope: EventEnvelope = {};
  /** What the receivers get; endpoints made through the API always get snapshots. */
  payload: Payload = 'snapshot';

  constructor(
    private readonly clock: SandboxClock,
    private readonly delivery: DeliveryQueue,
    private readonly endpoints: EndpointBook,
    private readonly sign: SignDelivery,
    /** A thin destination has a secret of its own. */
    private readonly thinSecret: string,
  ) {}

  /** Runs a change; the events that it emits name this cause. The change must not wait for anything. */
  causedBy<T>(cause: Cause, change: () => T): T {
    this.cause = cause;
    try {
      return change();
    } finally {
      this.cause = NO_CAUSE;
    }
  }

  /** Keeps the object as it is at this moment: later changes must not show in earlier events. */
  emit(type: string, object: object, previous?: Record<string, unknown>): void {
    const event: StripeEvent = {
      id: newId('evt'),
      object: 'event',
      ...this.envelope,
      api_version: API_VERSION,
      created: this.clock.seconds(),
      data: { object: structuredClone(object), ...(previous && { previous_attributes: previous }) },
      livemode: false,
      pending_webhooks:
        (this.payload === 'thin' ? 0 : this.delivery.receivers) + this.endpoints.subscribersOf(type).length,
      request: { ...this.cause },
      type,
    };
    this.events.push(event);
    this.send(event);
  }

  /** Sends an event again, as the button in Stripe's dashboard does. */
  send(event: StripeEvent): void {
    const { id, type } = event;
    const bodyIn = (version: string) => JSON.stringify({ ...event, api_version: version }, null, 2);
    if (this.payload !== 'thin') this.delivery.enqueue({ id, type, body: bodyIn(event.api_version) });
    if (this.payload !== 'snapshot') this.sendThin(event);
    for (const { endpoint, secret } of this.endpoints.subscribersOf(type)) {
      const headersFor = (body: Buffer) => this.sign(body, [secret]);
      // Each endpoint has the version that it was made with.
      const body = bodyIn(endpoint.api_version ?? event.api_version);
      this.delivery.enqueue({ id, type, body, urls: [endpoint.url], headersFor });
    }
  }

  private sendThin(event: StripeEvent): void {
    const thin = thinEvent(event);
    const headersFor = (body: Buffer) => this.sign(body, [this.thinSecret]);
    this.delivery.enqueue({ id: thin.id, type: thin.type, body: JSON.stringify(thin), headersFor });
  }

  /** The event with the number of receivers that do not have it yet. */
  current(event: StripeEvent): StripeEvent {
    return { ...event, pending_webhooks: this.delivery.outstanding(event.id) };
  }
}
