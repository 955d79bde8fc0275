import type { SandboxClock } from '../clock.js';
import type { DeliveryRecord } from '../delivery.log.js';
import type { DeliveryQueue } from '../delivery.queue.js';
import { notFound } from './conekta.errors.js';
import { newHexId, newId } from './conekta.ids.js';
import type { ConektaEvent, Webhook, WebhookLog } from './conekta.types.js';

export interface Emission {
  livemode?: boolean;
  /** Where it goes, instead of to everybody who subscribed. */
  webhooks?: Webhook[];
}

/** Every event that ever happened, oldest first, and their way out as webhooks. */
export class EventLog {
  readonly events: ConektaEvent[] = [];
  private readonly byId = new Map<string, ConektaEvent>();

  constructor(
    private readonly clock: SandboxClock,
    private readonly delivery: DeliveryQueue,
    private readonly livemode: boolean,
    private readonly webhooks: ReadonlyMap<string, Webhook>,
    /** As the API shows it. */
    private readonly shown: (object: object) => object,
  ) {}

  /** Keeps the object as it is at this moment: later changes must not show in earlier events. */
  emit(type: string, object: object, previous: object = {}): ConektaEvent {
    return this.add(type, { object: this.shown(structuredClone(object)), previous_attributes: previous });
  }

  add(type: string, data: ConektaEvent['data'], emission: Emission = {}): ConektaEvent {
    const webhooks = emission.webhooks ?? this.subscribersOf(type);
    const event: ConektaEvent = {
      id: newHexId(),
      object: 'event',
      type,
      livemode: emission.livemode ?? this.livemode,
      created_at: this.clock.seconds(),
      webhook_status: webhooks.length === 0 ? 'successful' : 'pending',
      webhook_logs: [],
      data,
    };
    this.events.push(event);
    this.byId.set(event.id, event);
    this.send(event, webhooks);
    return event;
  }

  get(id: string): ConektaEvent {
    const event = this.byId.get(id);
    if (!event) throw notFound('event', id);
    return event;
  }

  /** Sends an event to these webhooks, for the first time or again. */
  send(event: ConektaEvent, webhooks: readonly Webhook[]): WebhookLog[] {
    const logs = webhooks.map(({ url }) => this.logOf(event, url));
    this.delivery.enqueue({
      id: event.id,
      type: event.type,
      // Written when it leaves: the log in it counts the attempts, so that no two of them are alike.
      body: () => JSON.stringify(event),
      urls: webhooks.map(({ url }) => url),
    });
    return logs;
  }

  /** Sends an event to everybody who is subscribed to it now. */
  resend(id: string): void {
    const event = this.get(id);
    this.send(event, this.subscribersOf(event.type));
  }

  /** Writes an attempt into the event's log. */
  note({ messageId, url, outcome, status }: DeliveryRecord): void {
    const event = this.byId.get(messageId);
    if (!event || outcome === 'dropped') return;
    const log = this.logOf(event, url);
    if (outcome !== 'delivered') log.failed_attempts += 1;
    log.last_http_response_status = status ?? -1;
    log.last_attempted_at = this.clock.seconds();
    event.webhook_status = statusOf(event.webhook_logs);
  }

  private subscribersOf(type: string): Webhook[] {
    return [...this.webhooks.values()].filter(
      ({ active, subscribed_events }) => active && subscribed_events.includes(type),
    );
  }

  private logOf(event: ConektaEvent, url: string): WebhookLog {
    const known = event.webhook_logs.find((log) => log.url === url);
    if (known) return known;
    const log: WebhookLog = {
      id: newId('webhl'),
      object: 'webhook_log',
      url,
      failed_attempts: 0,
      last_http_response_status: -1,
      last_attempted_at: 0,
      response_data: {},
    };
    event.webhook_logs.push(log);
    return log;
  }
}

function statusOf(logs: WebhookLog[]): string {
  if (logs.every((log) => log.last_http_response_status === 200)) return 'successful';
  return logs.some((log) => log.failed_attempts > 0) ? 'failing' : 'pending';
}
