import { fingerprintOf } from '../providers/json.read.js';
import type { PaymentProvider } from '../providers/provider.port.js';
import { ProviderRegistry } from '../providers/provider.registry.js';
import type { WebhookEvent } from '../providers/webhook.ports.js';
import { Injectable, Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Database } from '../database/database.js';
import { isDataError } from '../database/sql.errors.js';
import { ServiceError } from '../kernel/errors.js';
import { failpoint } from '../kernel/failpoint.js';
import { asWorker } from '../kernel/poll.loop.js';
import { Metrics } from '../ops/metrics.js';
import { type Delivery, WebhookKeys } from './endpoint/webhook.keys.js';
import { type Arrival, InboxStore, type Stored } from './inbox.store.js';
import { InboxWriter } from './inbox.writer.js';
import { InboxWorker } from './inbox.worker.js';

/** Takes an event in: authentic and durably stored, or refused. */
@Injectable()
export class WebhookIntake {
  private readonly logger = new Logger(WebhookIntake.name);

  constructor(
    private readonly providers: ProviderRegistry,
    private readonly writer: InboxWriter,
    private readonly worker: InboxWorker,
    private readonly metrics: Metrics,
    private readonly keys: WebhookKeys,
    private readonly database: Database,
    private readonly inbox: InboxStore,
  ) {}

  /**
   * @throws ServiceError not_found, signature_invalid, invalid_request, overloaded; a database failure as it is.
   */
  take(providerName: string, delivery: Delivery): Promise<Stored> {
    return asWorker(() => this.verifyAndStore(providerName, delivery));
  }

  private async verifyAndStore(providerName: string, delivery: Delivery): Promise<Stored> {
    const provider = this.providers.find(providerName);
    if (provider === undefined) throw new ServiceError('not_found', 'no such webhook');
    const event = await this.verified(provider, delivery);
    failpoint('webhook-verified');
    const livemode = event.livemode ?? provider.livemode;
    const ours = livemode === provider.livemode;
    const arrival = arrivalOf({ ...event, livemode }, delivery, ours);
    const first = await this.stored(arrival);
    const same = first === 'altered' && (await this.saysTheSame(event, arrival));
    const stored = same ? 'duplicate' : first;
    this.metrics.webhooksReceived.inc({ provider: providerName, outcome: ours ? stored : 'quarantined' });
    if (stored === 'altered') {
      this.logger.error(
        `${providerName} sent ${event.eventId} again with another body; the first one stands`,
      );
    }
    if (stored === 'new' && ours) this.worker.wake();
    return stored;
  }

  private async stored(arrival: Arrival): Promise<Stored> {
    const { provider } = arrival;
    const acknowledged = this.metrics.webhookAckSeconds.startTimer({ provider });
    try {
      const stored = await this.writer.add(arrival);
      acknowledged();
      return stored;
    } catch (error) {
      this.metrics.webhooksReceived.inc({ provider, outcome: 'failed' });
      // Text that no Postgres column holds, such as NUL: storing it later would fail as well.
      if (isDataError(error))
        throw new ServiceError('invalid_request', 'the event holds what cannot be stored');
      throw error;
    }
  }

  /**
   * Compares with what is stored in other ways than by the fingerprint: an older version of this service hashed the
   * bytes, also where deliveries of one event differ in them.
   */
  private async saysTheSame({ ofTheDelivery }: WebhookEvent, arrival: Arrival): Promise<boolean> {
    const before = await this.inbox.find(this.database.db, arrival);
    if (before === undefined) return false;
    if (before.bodyHash === hashOf(arrival.body)) return true;
    if (before.body === null || ofTheDelivery === undefined) return false;
    const said: unknown = JSON.parse(Buffer.from(before.body).toString('utf8'));
    return fingerprintOf(said, ofTheDelivery) === arrival.bodyHash;
  }

  private async verified(provider: PaymentProvider, delivery: Delivery): Promise<WebhookEvent> {
    try {
      return await this.keys.verify(provider, delivery);
    } catch (error) {
      const outcome = error instanceof ServiceError ? 'refused' : 'failed';
      this.metrics.webhooksReceived.inc({ provider: provider.name, outcome });
      throw error;
    }
  }
}

function arrivalOf(
  event: WebhookEvent & { livemode: boolean },
  { body, rawHeaders }: Delivery,
  ours: boolean,
): Arrival {
  const { payload, ofTheDelivery } = event;
  return {
    provider: event.provider,
    eventId: event.eventId,
    type: event.type,
    livemode: event.livemode,
    namedAccount: event.account ?? null,
    body,
    bodyHash: ofTheDelivery === undefined ? hashOf(body) : fingerprintOf(payload, ofTheDelivery),
    headers: journalHeaders(rawHeaders),
    state: ours ? 'received' : 'quarantined',
  };
}

function hashOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

const NOT_KEPT = new Set(['authorization', 'cookie', 'proxy-authorization']);
const MAX_HEADER_TEXT = 2_000;

/** The headers for the journal: without credentials, and bounded. */
function journalHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (NOT_KEPT.has(name)) continue;
    Object.defineProperty(headers, name, {
      value: (rawHeaders[index + 1] ?? '').slice(0, MAX_HEADER_TEXT).replaceAll('\0', ''),
      enumerable: true,
      configurable: true,
    });
  }
  return headers;
}
