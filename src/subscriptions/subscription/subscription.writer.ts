import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { Ids } from '../../kernel/ids.js';
import { OutboxStore } from '../../outbox/outbox.store.js';
import { type NameBook, SubscriptionChanges } from './subscription.changes.js';
import { SubscriptionLogStore } from './subscription.log.store.js';
import { SubscriptionStore } from './subscription.store.js';
import type { SubscriptionRow } from './subscription.tables.js';

/** Writes a subscription, its audit log and its messages in the caller's transaction. */
@Injectable()
export class SubscriptionWriter {
  constructor(
    private readonly subscriptions: SubscriptionStore,
    private readonly log: SubscriptionLogStore,
    private readonly outbox: OutboxStore,
    private readonly ids: Ids,
    private readonly service: ServiceSettings,
  ) {}

  changesTo(row: SubscriptionRow, names: NameBook, cause: Cause): SubscriptionChanges {
    return new SubscriptionChanges(row, names, cause, this.ids, this.service.publicUrl);
  }

  async write(tx: Tx, changes: SubscriptionChanges): Promise<void> {
    const {
      id,
      createdAt: _createdAt,
      updatedAt: _updatedAt,
      confirmedAt: _confirmedAt,
      ...patch
    } = changes.row;
    await this.subscriptions.update(tx, id, changes.lockedVersion, patch);
    await this.log.record(tx, changes.transitions);
    await this.outbox.append(tx, changes.messages);
  }

  /** What is kept is what the provider says now: a reading that began before is overtaken. */
  confirm(tx: Tx, id: string): Promise<void> {
    return this.subscriptions.confirm(tx, id);
  }
}
