import { Injectable } from '@nestjs/common';
import { and, inArray, isNotNull, lt, ne, sql } from 'drizzle-orm';
import { cardSetups } from '../customers/customer/customer.tables.js';
import type { Db } from '../database/database.js';
import { idempotencyKeys } from '../http/idempotency/idempotency.tables.js';
import { providerOperations } from '../operations/operation.tables.js';
import { outbox } from '../outbox/outbox.tables.js';
import { webhookInbox } from '../webhooks/inbox.tables.js';

/** One statement touches at most this many rows, so that nobody waits long behind it. */
const CHUNK = 1_000;

@Injectable()
export class RetentionStore {
  /** Empties bodies and headers of finished events; their ids stay for ever. Returns how many. */
  async pruneInbox(db: Db, days: number): Promise<number> {
    const old = db
      .select({ id: webhookInbox.id })
      .from(webhookInbox)
      .where(
        and(
          inArray(webhookInbox.state, ['done', 'ignored', 'quarantined']),
          isNotNull(webhookInbox.body),
          lt(webhookInbox.receivedAt, daysAgo(days)),
        ),
      )
      .limit(CHUNK);
    const pruned = await db
      .update(webhookInbox)
      .set({ body: null, headers: null })
      .where(inArray(webhookInbox.id, old))
      .returning({ id: webhookInbox.id });
    return pruned.length;
  }

  /** Deletes messages that were published; those that were not are kept whatever their age. Returns how many. */
  async deletePublished(db: Db, days: number): Promise<number> {
    const old = db
      .select({ id: outbox.id })
      .from(outbox)
      .where(and(inArray(outbox.state, ['published']), lt(outbox.publishedAt, daysAgo(days))))
      .limit(CHUNK);
    const deleted = await db.delete(outbox).where(inArray(outbox.id, old)).returning({ id: outbox.id });
    return deleted.length;
  }

  /** Empties what was asked of providers, with the persons and tokens in it, once it is settled. Returns how many. */
  async pruneOperations(db: Db, days: number): Promise<number> {
    const old = db
      .select({ id: providerOperations.id })
      .from(providerOperations)
      .where(and(lt(providerOperations.settledAt, daysAgo(days)), ne(providerOperations.request, {})))
      .limit(CHUNK);
    const pruned = await db
      .update(providerOperations)
      .set({ request: {} })
      .where(inArray(providerOperations.id, old))
      .returning({ id: providerOperations.id });
    return pruned.length;
  }

  /** Deletes forms for a card, and with them single-use tokens. Returns how many. */
  async deleteCardSetups(db: Db, days: number): Promise<number> {
    const old = db
      .select({ id: cardSetups.id })
      .from(cardSetups)
      .where(lt(cardSetups.createdAt, daysAgo(days)))
      .limit(CHUNK);
    const deleted = await db
      .delete(cardSetups)
      .where(inArray(cardSetups.id, old))
      .returning({ id: cardSetups.id });
    return deleted.length;
  }

  /** Returns how many. */
  async deleteIdempotencyKeys(db: Db, days: number): Promise<number> {
    const deleted = await db
      .delete(idempotencyKeys)
      .where(lt(idempotencyKeys.createdAt, daysAgo(days)))
      .returning({ key: idempotencyKeys.key });
    return deleted.length;
  }
}

function daysAgo(days: number) {
  return sql`payments_now() - make_interval(days => ${days})`;
}
