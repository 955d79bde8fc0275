import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { describeError } from '../database/sql.errors.js';
import { Metrics } from '../ops/metrics.js';
import { can } from '../providers/provider.port.js';
import { ProviderRegistry } from '../providers/provider.registry.js';
import { eventOf } from './event.processor.js';
import { InboxStore } from './inbox.store.js';
import type { InboxRow } from './inbox.tables.js';

const BATCH = 50;

/** Finds out whose the events are that name an account: ours are processed, another's are quarantined. */
@Injectable()
export class EventOwners {
  private readonly logger = new Logger(EventOwners.name);

  constructor(
    private readonly database: Database,
    private readonly inbox: InboxStore,
    private readonly providers: ProviderRegistry,
    private readonly metrics: Metrics,
  ) {}

  /** One batch. What cannot be found out now waits, for as long as it takes: that we do not know proves nothing. */
  async decideDue(): Promise<void> {
    const { db } = this.database;
    const rows = await this.inbox.claimUnowned(db, BATCH);
    if (rows.length === 0) return;
    const owners = await Promise.all(rows.map(async (row) => ({ row, owner: await this.ownerOf(row) })));
    const of = (wanted: string): InboxRow[] =>
      owners.filter(({ owner }) => owner === wanted).map(({ row }) => row);
    const [own, foreign] = [of('ours'), of('foreign')];
    if (own.length > 0) await this.inbox.markOwn(db, own.map(idOf));
    if (foreign.length > 0) await this.inbox.markForeign(db, foreign.map(idOf));
    for (const { provider } of foreign)
      this.metrics.webhooksReceived.inc({ provider, outcome: 'quarantined' });
  }

  private async ownerOf(row: InboxRow): Promise<'ours' | 'foreign' | 'unknown'> {
    const provider = this.providers.find(row.provider);
    if (provider === undefined) return 'unknown';
    if (row.body === null || !can(provider, 'ownsEvent')) return 'ours';
    try {
      return (await provider.ownsEvent(eventOf(row, row.body))) ? 'ours' : 'foreign';
    } catch (error) {
      this.logger.warn(
        `event ${row.eventId} (${row.type}) waits, since nobody says whose it is: ${describeError(error)}`,
      );
      return 'unknown';
    }
  }
}

function idOf({ id }: InboxRow): bigint {
  return id;
}
