import { Injectable } from '@nestjs/common';
import { and, desc, eq, getTableColumns, inArray, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import type { PageBounds, PageDto } from '../../http/validation/page.dto.js';
import { OWNER_UNKNOWN } from '../inbox.store.js';
import { type InboxRow, webhookInbox } from '../inbox.tables.js';
import type { ListEventsDto } from './event.dto.js';

/** A row without its body, which may be large. */
export type EventRow = Omit<InboxRow, 'body' | 'headers'> & { hasBody: boolean };

const { body, headers: _headers, ...columns } = getTableColumns(webhookInbox);
const EVENT = { ...columns, hasBody: sql<boolean>`${body} is not null` };

@Injectable()
export class EventStore {
  /** Newest first. */
  list(
    db: Queryable,
    { state, provider, type }: Omit<ListEventsDto, keyof PageDto>,
    { before, limit }: PageBounds,
  ): Promise<EventRow[]> {
    return db
      .select(EVENT)
      .from(webhookInbox)
      .where(
        and(
          state === undefined ? undefined : eq(webhookInbox.state, state),
          provider === undefined ? undefined : eq(webhookInbox.provider, provider),
          type === undefined ? undefined : eq(webhookInbox.type, type),
          before === undefined ? undefined : lt(webhookInbox.id, BigInt(before)),
        ),
      )
      .orderBy(desc(webhookInbox.id))
      .limit(limit);
  }

  /** By its number here, or the provider's id of it at one of these providers. */
  named(db: Queryable, name: string, providers: readonly string[]): Promise<EventRow[]> {
    const number = /^\d{1,18}$/.test(name) ? eq(webhookInbox.id, BigInt(name)) : undefined;
    const atProvider = and(inArray(webhookInbox.provider, [...providers]), eq(webhookInbox.eventId, name));
    return db.select(EVENT).from(webhookInbox).where(or(number, atProvider)).limit(2);
  }

  async bodyOf(db: Queryable, id: bigint): Promise<Uint8Array | null> {
    const [row] = await db.select({ body }).from(webhookInbox).where(eq(webhookInbox.id, id));
    return row?.body ?? null;
  }

  /**
   * Has an event tried at once, as patiently as a new one; a doubted owner is looked at again. False when it is in
   * another state by now, or is being worked on.
   */
  async revive(
    tx: Tx,
    { id, state, namedAccount }: Pick<EventRow, 'id' | 'state' | 'namedAccount'>,
  ): Promise<boolean> {
    const isDoubted = state === 'quarantined' && namedAccount !== null;
    const revived = await tx
      .update(webhookInbox)
      .set(isDoubted ? { ...ANEW, ...OWNER_UNKNOWN } : ANEW)
      .where(
        and(
          eq(webhookInbox.id, id),
          eq(webhookInbox.state, state),
          or(isNull(webhookInbox.leaseUntil), lt(webhookInbox.leaseUntil, databaseNow)),
        ),
      )
      .returning({ id: webhookInbox.id });
    return revived.length > 0;
  }

  /** All dead events whose bodies are there. Returns how many. */
  async reviveDead(tx: Tx, provider: string | undefined): Promise<number> {
    const revived = await tx
      .update(webhookInbox)
      .set(ANEW)
      .where(and(isDead(provider), isNotNull(webhookInbox.body)))
      .returning({ id: webhookInbox.id });
    return revived.length;
  }

  countDead(db: Queryable, provider: string | undefined): Promise<number> {
    return db.$count(webhookInbox, isDead(provider));
  }
}

/** The attempt counts: it fences off whoever still holds the event. */
const ANEW = {
  state: 'received' as const,
  attempts: sql`${webhookInbox.attempts} + 1`,
  failures: 0,
  failingSince: null,
  revivedAt: databaseNow,
  nextAttemptAt: databaseNow,
  leaseUntil: null,
  outcome: null,
  lastError: null,
  processedAt: null,
};

function isDead(provider: string | undefined) {
  return and(
    eq(webhookInbox.state, 'dead'),
    provider === undefined ? undefined : eq(webhookInbox.provider, provider),
  );
}
