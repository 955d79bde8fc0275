import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Metrics } from '../ops/metrics.js';
import { InboxStore } from './inbox.store.js';

/** What waits in the inbox, for whoever watches. */
@Injectable()
export class InboxGauges implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly inbox: InboxStore,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const read = () => this.inbox.backlog(this.database.db);
    this.metrics.gaugeFrom(
      'inbox_pending',
      'Events that wait to be processed.',
      async () => (await read()).waiting,
    );
    this.metrics.gaugeFrom(
      'inbox_oldest_seconds',
      'Age of the oldest event that waits.',
      async () => (await read()).oldestSeconds,
    );
    this.metrics.gaugeFrom('inbox_failing', 'Events that fail by an error of ours and are tried again.', () =>
      this.inbox.failingCount(this.database.db),
    );
    this.metrics.gaugeFrom('inbox_dead', 'Events that an operator has to look at.', () =>
      this.inbox.deadCount(this.database.db),
    );
  }
}
