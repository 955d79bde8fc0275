import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { scrubText } from '../../http/logging/scrub.js';
import { readPage } from '../../http/validation/page.dto.js';
import { invalidField, ServiceError } from '../../kernel/errors.js';
import { OperatorLog } from '../../ops/operator.log.store.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import type { EventDetail, EventList, EventResource, ListEventsDto } from './event.dto.js';
import { type EventRow, EventStore } from './event.store.js';

/** An event's number here. */
const NUMBER = /^\d{1,18}$/;
/** What an id looks like, ours or a provider's. */
const NAME = /^[\x21-\x7e]{1,255}$/;

@Injectable()
export class EventsService {
  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
    private readonly providers: ProviderRegistry,
    private readonly operators: OperatorLog,
  ) {}

  /** Newest first. @throws ServiceError invalid_request for a cursor that is no `nextCursor`. */
  async list(query: ListEventsDto): Promise<EventList> {
    const { rows, nextCursor } = await readPage(
      query,
      (bounds) => this.events.list(this.database.db, query, bounds),
      ({ id }) => String(id),
      NUMBER,
    );
    return { data: rows.map(resourceOf), nextCursor };
  }

  /**
   * @param name our number or the provider's id.
   * @param whole with the body, which holds personal data of the buyer.
   * @throws ServiceError not_found; invalid_request when several providers have an event of this id.
   */
  async get(name: string, whole: boolean): Promise<EventDetail> {
    const row = await this.named(name);
    const body = whole ? await this.events.bodyOf(this.database.db, row.id) : null;
    return { ...resourceOf(row), body: body === null ? null : Buffer.from(body).toString('utf8') };
  }

  /**
   * Has a worker try the event now. What was decided by its mode or account stays decided.
   * @throws ServiceError not_found, invalid_request as `get`; transition_refused with the reason.
   */
  async replay(name: string, actor: string): Promise<EventResource> {
    const row = await this.named(name);
    const refusal = this.refusalOf(row);
    if (refusal !== undefined) throw refused(row, refusal);
    await this.database.transaction(async (tx) => {
      if (!(await this.events.revive(tx, row))) throw refused(row, 'it is being worked on just now');
      await this.operators.record(tx, {
        actor,
        action: 'events.replay',
        target: String(row.id),
        detail: { provider: row.provider, eventId: row.eventId, type: row.type, from: row.state },
      });
    });
    return resourceOf(await this.named(String(row.id)));
  }

  /**
   * Has the workers try every dead event now, of one provider or of all.
   * @returns how many, and how many are dead still, since their bodies were pruned.
   */
  async replayDead(
    provider: string | undefined,
    actor: string,
  ): Promise<{ revived: number; withoutBody: number }> {
    return this.database.transaction(async (tx) => {
      const revived = await this.events.reviveDead(tx, provider);
      const withoutBody = await this.events.countDead(tx, provider);
      const detail = { from: 'dead', provider: provider ?? null, revived, withoutBody };
      await this.operators.record(tx, { actor, action: 'events.replay', detail });
      return { revived, withoutBody };
    });
  }

  private async named(name: string): Promise<EventRow> {
    const providers = this.providers.all.map((provider) => provider.name);
    const [row, other] = NAME.test(name) ? await this.events.named(this.database.db, name, providers) : [];
    if (row === undefined) throw new ServiceError('not_found', 'there is no such event');
    if (other !== undefined) throw invalidField('id', 'names several events: give its number in the inbox');
    return row;
  }

  private refusalOf(row: EventRow): string | undefined {
    const provider = this.providers.find(row.provider);
    if (row.state === 'done') return 'it was applied';
    if (!row.hasBody)
      return 'its body was pruned after RETENTION_DAYS; the provider may still have the event';
    if (provider === undefined) return 'its provider is not configured here';
    const isOtherMode = row.state === 'quarantined' && row.livemode !== provider.livemode;
    return isOtherMode ? 'it is of the other mode than the key of its provider' : undefined;
  }
}

function refused({ state }: EventRow, reason: string): ServiceError {
  const details = { from: state, to: 'received', reason };
  return new ServiceError('transition_refused', `the event cannot be replayed: ${reason}`, details);
}

/** Texts of errors may quote what a provider wrote. */
function resourceOf(row: EventRow): EventResource {
  const waits = row.state === 'received' || row.state === 'parked';
  return {
    id: String(row.id),
    provider: row.provider,
    eventId: row.eventId,
    type: row.type,
    livemode: row.livemode,
    state: row.state,
    outcome: row.outcome === null ? null : scrubText(row.outcome),
    lastError: row.lastError === null ? null : scrubText(row.lastError),
    attempts: row.attempts,
    failures: row.failures,
    receivedAt: row.receivedAt.toISOString(),
    nextAttemptAt: waits ? row.nextAttemptAt.toISOString() : null,
    processedAt: row.processedAt?.toISOString() ?? null,
    replayable: row.hasBody,
  };
}
