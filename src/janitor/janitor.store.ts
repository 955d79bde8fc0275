import { Injectable } from '@nestjs/common';
import { and, count, inArray, isNotNull, lt, lte, ne, notInArray, type SQL, sql } from 'drizzle-orm';
import { type PgColumn, unionAll } from 'drizzle-orm/pg-core';
import { cardSetups } from '../customers/customer/customer.tables.js';
import { databaseNow, type Db } from '../database/database.js';
import { idempotencyKeys } from '../http/idempotency/idempotency.tables.js';
import { UNSETTLED } from '../operations/operation.store.js';
import { providerOperations } from '../operations/operation.tables.js';
import { outbox } from '../outbox/outbox.tables.js';
import { payments } from '../payments/payment/payment.tables.js';
import { subscriptions } from '../subscriptions/subscription/subscription.tables.js';
import { webhookInbox } from '../webhooks/inbox.tables.js';

/** One statement touches at most this many rows, so that nobody waits long behind it. */
const CHUNK = 1_000;

@Injectable()
export class JanitorStore {
  /** One chunk of each kind of what is older than so many days. Returns how many rows it let go of. */
  async prune(db: Db, days: number): Promise<number> {
    const since = sql`payments_now() - make_interval(days => ${days})`;
    const chunkOf = (id: PgColumn, condition: SQL | undefined) =>
      inArray(id, db.select({ id }).from(id.table).where(condition).limit(CHUNK));
    const finished = and(
      inArray(webhookInbox.state, ['done', 'ignored', 'quarantined']),
      isNotNull(webhookInbox.body),
      lt(webhookInbox.receivedAt, since),
    );
    // The ids of events stay for ever.
    const events = await db
      .update(webhookInbox)
      .set({ body: null, headers: null })
      .where(chunkOf(webhookInbox.id, finished))
      .returning({ id: webhookInbox.id });
    // Those that were not published are kept whatever their age. Those that were are found by an index over `created_at`.
    const messages = await db
      .delete(outbox)
      .where(
        inArray(
          outbox.id,
          db
            .select({ id: outbox.id })
            .from(outbox)
            .where(
              sql`${outbox.state} = 'published' and ${outbox.createdAt} < ${since} and ${outbox.publishedAt} < ${since}`,
            )
            .orderBy(outbox.createdAt)
            .limit(CHUNK),
        ),
      )
      .returning({ id: outbox.id });
    // With the single-use tokens in them.
    const setups = await db
      .delete(cardSetups)
      .where(chunkOf(cardSetups.id, lt(cardSetups.createdAt, since)))
      .returning({ id: cardSetups.id });
    // What was asked of providers holds persons and tokens.
    const settled = and(lt(providerOperations.settledAt, since), ne(providerOperations.request, {}));
    const operations = await db
      .update(providerOperations)
      .set({ request: {} })
      .where(chunkOf(providerOperations.id, settled))
      .returning({ id: providerOperations.id });
    const keys = await db
      .delete(idempotencyKeys)
      .where(lt(idempotencyKeys.createdAt, since))
      .returning({ key: idempotencyKeys.key });
    return events.length + messages.length + setups.length + operations.length + keys.length;
  }

  /** How many calls without an end, and checks that are due, there are at other providers than these. */
  async dueBeside(db: Db, providers: readonly string[]): Promise<{ provider: string; due: number }[]> {
    const due = unionAll(
      db
        .select({ provider: providerOperations.provider })
        .from(providerOperations)
        .where(inArray(providerOperations.state, UNSETTLED)),
      db.select({ provider: payments.provider }).from(payments).where(lte(payments.nextCheckAt, databaseNow)),
      db
        .select({ provider: subscriptions.provider })
        .from(subscriptions)
        .where(lte(subscriptions.nextCheckAt, databaseNow)),
    ).as('due');
    return db
      .select({ provider: due.provider, due: count() })
      .from(due)
      .where(notInArray(due.provider, [...providers]))
      .groupBy(due.provider);
  }
}
