import type { WebhookEndpoint } from './stripe.types.js';

export interface EndpointRecord {
  endpoint: WebhookEndpoint;
  /** Told once, to whoever makes the endpoint; signs every delivery to it. */
  secret: string;
}

/** The webhook endpoints that were made through the API, by id, in the order in which they were made. */
export class EndpointBook {
  private readonly records = new Map<string, EndpointRecord>();

  get all(): EndpointRecord[] {
    return [...this.records.values()];
  }

  find(id: string): EndpointRecord | undefined {
    return this.records.get(id);
  }

  add(record: EndpointRecord): void {
    this.records.set(record.endpoint.id, record);
  }

  remove(id: string): void {
    this.records.delete(id);
  }

  /** Everybody who wants events of this type now. */
  subscribersOf(type: string): EndpointRecord[] {
    return this.all.filter(({ endpoint: { status, enabled_events: wanted } }) => {
      return status === 'enabled' && (wanted.includes('*') || wanted.includes(type));
    });
  }
}
