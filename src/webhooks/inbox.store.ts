import { Injectable } from '@nestjs/common';
import {
  and,
  desc,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  or,
  sql,
} from 'drizzle-orm';
import { type Database, databaseNow, databaseNowPlus, type Queryable } from '../database/database.js';
import { type InboxRow, type InboxState, webhookInbox } from './inbox.tables.js';

/** An authentic event on its way into the inbox. */
export interface Arrival {
  provider: string;
  eventId: string;
  type: string;
  livemode: boolean;
  /** The account that it names: whose it is has to be found out. */
  namedAccount: string | null;
  body: Uint8Array;
  /** What the provider's own repeats of the event have in common: mostly the SHA-256 of the body, in hex. */
  bodyHash: string;
  headers: Record<string, string>;
  state: Extract<InboxState, 'received' | 'quarantined'>;
}

/** `altered`: the id is known with another body; the first one stands. */
export type Stored = 'new' | 'duplicate' | 'altered';

export interface PutOff {
  /** `parked` waits for something, `received` failed. */
  state: Extract<InboxState, 'received' | 'parked'>;
  reason: string;
  delayMs: number;
  /** Neither the provider nor the database was away: it counts as a failure of this event. */
  ownFault?: boolean;
}

export type ClaimedEvent = InboxRow & {
  /** Since it arrived, was known to be ours, or was revived. */
  waitedSeconds: number;
};

export interface End {
  row: ClaimedEvent;
  state: Exclude<InboxState, 'received' | 'parked'>;
  outcome: string;
}

/** What tells a fault of one event from a fault of ours. */
export interface Failure {
  /** Since its first failure. */
  forSeconds: number;
  /** Whether other events of the provider were applied meanwhile. */
  othersApplied: boolean;
  /** Other events that wait after the same failure, and how many of them are of the same type. */
  alike: number;
  alikeOfType: number;
}

/** How far back others are looked at. */
const NEWEST = 1_000;

@Injectable()
export class InboxStore {
  /** One statement, one commit for all of them. Tells for each what it was, in the given order. */
  async insertAll(database: Database, arrivals: readonly Arrival[]): Promise<Stored[]> {
    // Two processes that insert the same events in the same order cannot wait for each other.
    const rows = [...arrivals].sort((left, right) => (left.eventId < right.eventId ? -1 : 1));
    const inserted = await database.retrying(() =>
      database.db
        .insert(webhookInbox)
        .values(rows.map(rowOf))
        .onConflictDoNothing()
        .returning({ provider: webhookInbox.provider, eventId: webhookInbox.eventId }),
    );
    const fresh = new Set(inserted.map(keyOf));
    const known = await this.hashesOf(database.db, arrivals.length > fresh.size ? arrivals : []);
    return arrivals.map((arrival) => {
      if (fresh.delete(keyOf(arrival))) return 'new';
      return known.get(keyOf(arrival)) === arrival.bodyHash ? 'duplicate' : 'altered';
    });
  }

  private async hashesOf(db: Queryable, arrivals: readonly Arrival[]): Promise<Map<string, string>> {
    if (arrivals.length === 0) return new Map();
    const rows = await db
      .select({
        provider: webhookInbox.provider,
        eventId: webhookInbox.eventId,
        bodyHash: webhookInbox.bodyHash,
      })
      .from(webhookInbox)
      .where(
        inArray(
          webhookInbox.eventId,
          arrivals.map((arrival) => arrival.eventId),
        ),
      );
    return new Map(rows.map((row) => [keyOf(row), row.bodyHash]));
  }

  async find(
    db: Queryable,
    { provider, eventId }: Pick<InboxRow, 'provider' | 'eventId'>,
  ): Promise<InboxRow | undefined> {
    const [row] = await db
      .select()
      .from(webhookInbox)
      .where(and(eq(webhookInbox.provider, provider), eq(webhookInbox.eventId, eventId)));
    return row;
  }

  /** Takes events of which nobody knows yet whose they are; the next look is put off by their age (1 s to 5 minutes). */
  claimUnowned(db: Queryable, limit: number): Promise<InboxRow[]> {
    const due = db
      .$with('due')
      .as(
        db
          .select({ id: webhookInbox.id })
          .from(webhookInbox)
          .where(lte(webhookInbox.ownerCheckAt, databaseNow))
          .orderBy(webhookInbox.ownerCheckAt)
          .limit(limit)
          .for('update', { skipLocked: true }),
      );
    const age = sql`payments_now() - ${webhookInbox.receivedAt}`;
    return db
      .with(due)
      .update(webhookInbox)
      .set({
        ownerCheckAt: sql`payments_now() + least(greatest(${age}, interval '1 second'), interval '5 minutes')`,
      })
      .from(due)
      .where(eq(webhookInbox.id, due.id))
      .returning(getTableColumns(webhookInbox));
  }

  /** From now on it is an event like any other, and gets the patience of a new one. */
  async markOwn(db: Queryable, ids: readonly bigint[]): Promise<void> {
    await db
      .update(webhookInbox)
      .set({
        state: 'received',
        ownerCheckAt: null,
        nextAttemptAt: databaseNow,
        revivedAt: databaseNow,
        lastError: null,
      })
      .where(and(inArray(webhookInbox.id, [...ids]), isNotNull(webhookInbox.ownerCheckAt)));
  }

  async markForeign(db: Queryable, ids: readonly bigint[]): Promise<void> {
    await db
      .update(webhookInbox)
      .set({
        state: 'quarantined',
        outcome: 'of another account',
        ownerCheckAt: null,
        processedAt: databaseNow,
        lastError: null,
      })
      .where(and(inArray(webhookInbox.id, [...ids]), isNotNull(webhookInbox.ownerCheckAt)));
  }

  /** Takes events that are due, oldest first. The attempt number fences whoever finishes late. */
  claimBatch(db: Queryable, limit: number, leaseMs: number): Promise<ClaimedEvent[]> {
    // A CTE is run once; a subquery with a limit could be run again for each row.
    const due = db.$with('due').as(
      db
        .select({ id: webhookInbox.id })
        .from(webhookInbox)
        .where(
          and(
            inArray(webhookInbox.state, ['received', 'parked']),
            lte(webhookInbox.nextAttemptAt, databaseNow),
            or(isNull(webhookInbox.leaseUntil), lt(webhookInbox.leaseUntil, databaseNow)),
          ),
        )
        .orderBy(webhookInbox.nextAttemptAt, webhookInbox.id)
        .limit(limit)
        .for('update', { skipLocked: true }),
    );
    return db
      .with(due)
      .update(webhookInbox)
      .set({ leaseUntil: databaseNowPlus(leaseMs), attempts: sql`${webhookInbox.attempts} + 1` })
      .from(due)
      .where(eq(webhookInbox.id, due.id))
      .returning({
        ...getTableColumns(webhookInbox),
        waitedSeconds: sql<number>`extract(epoch from payments_now() - coalesce(revived_at, received_at))::float8`,
      });
  }

  /** @returns how many: the others were claimed by somebody else since. */
  async finish(tx: Queryable, ends: readonly End[]): Promise<number> {
    if (ends.length === 0) return 0;
    const told = sql`unnest(
      ${sql.param(ends.map(({ row }) => row.id))}::bigint[],
      ${sql.param(ends.map(({ row }) => row.attempts))}::int[],
      ${sql.param(ends.map(({ state }) => state))}::text[],
      ${sql.param(ends.map(({ outcome }) => outcome))}::text[]
    ) as told (id, attempts, state, outcome)`;
    const finished = await tx
      .update(webhookInbox)
      .set({
        state: sql`told.state`,
        outcome: sql`told.outcome`,
        processedAt: databaseNow,
        leaseUntil: null,
        lastError: null,
      })
      .from(told)
      .where(
        and(
          sql`${webhookInbox.id} = told.id and ${webhookInbox.attempts} = told.attempts`,
          inArray(webhookInbox.state, ['received', 'parked']),
        ),
      )
      .returning({ id: webhookInbox.id });
    return finished.length;
  }

  /** Puts it back for later. */
  async putOff(
    db: Queryable,
    row: InboxRow,
    { state, reason, delayMs, ownFault = false }: PutOff,
  ): Promise<void> {
    await db
      .update(webhookInbox)
      .set({
        state,
        lastError: reason,
        leaseUntil: null,
        nextAttemptAt: databaseNowPlus(delayMs),
        failures: row.failures + (ownFault ? 1 : 0),
        ...(ownFault && { failingSince: sql`coalesce(${webhookInbox.failingSince}, payments_now())` }),
      })
      .where(sameClaim(row));
  }

  /** Waiting events, and the age of the oldest in seconds. */
  async backlog(db: Queryable): Promise<{ waiting: number; oldestSeconds: number }> {
    const [row] = await db
      .select({
        waiting: sql<number>`count(*)::int`,
        oldestSeconds: sql<number>`coalesce(extract(epoch from payments_now() - min(received_at)), 0)::float8`,
      })
      .from(webhookInbox)
      .where(inArray(webhookInbox.state, ['received', 'parked']));
    return row ?? { waiting: 0, oldestSeconds: 0 };
  }

  deadCount(db: Queryable): Promise<number> {
    return db.$count(webhookInbox, eq(webhookInbox.state, 'dead'));
  }

  /** Events that failed by no fault of the provider or the database, and are tried again. */
  failingCount(db: Queryable): Promise<number> {
    return db.$count(webhookInbox, and(eq(webhookInbox.state, 'received'), gt(webhookInbox.failures, 0)));
  }

  /** How this event's failure stands beside what became of the others of its provider. */
  async failureOf(db: Queryable, row: InboxRow, error: string): Promise<Failure> {
    // Bounded, since no index leads from a moment to what was finished after it.
    const newest = db
      .select({ state: webhookInbox.state, finishedAt: webhookInbox.processedAt })
      .from(webhookInbox)
      .where(eq(webhookInbox.provider, row.provider))
      .orderBy(desc(webhookInbox.id))
      .limit(NEWEST)
      .as('newest');
    const [own] = await db
      .select({
        seconds: sql<number>`coalesce(extract(epoch from payments_now() - failing_since), 0)::float8`,
        others: sql<boolean>`exists (select from ${newest} where newest.state = 'done' and newest.processed_at > failing_since)`,
      })
      .from(webhookInbox)
      .where(eq(webhookInbox.id, row.id));
    const alike = await db
      .select({ type: webhookInbox.type })
      .from(webhookInbox)
      .where(and(failingWith(error), ne(webhookInbox.id, row.id)))
      .limit(NEWEST);
    return {
      forSeconds: own?.seconds ?? 0,
      othersApplied: own?.others ?? false,
      alike: alike.length,
      alikeOfType: alike.filter(({ type }) => type === row.type).length,
    };
  }

  /** What stopped one event from being applied is over: those that failed alike need not wait any longer. */
  async hurryAlike(db: Queryable, error: string): Promise<void> {
    await db
      .update(webhookInbox)
      .set({ nextAttemptAt: databaseNow })
      .where(and(failingWith(error), gt(webhookInbox.nextAttemptAt, databaseNow)));
  }
}

/** Waits for its next attempt after this failure. */
function failingWith(error: string) {
  return and(
    eq(webhookInbox.state, 'received'),
    gt(webhookInbox.failures, 0),
    eq(webhookInbox.lastError, error),
  );
}

/** Of an event that names an account, until it is known whose it is: no version of this service works so late. */
export const OWNER_UNKNOWN = {
  state: 'parked' as const,
  lastError: 'owner_unknown',
  nextAttemptAt: new Date('9999-01-01T00:00:00Z'),
  ownerCheckAt: databaseNow,
};

function rowOf(arrival: Arrival) {
  const isNamed = arrival.namedAccount !== null && arrival.state === 'received';
  return isNamed ? { ...arrival, ...OWNER_UNKNOWN } : arrival;
}

function sameClaim(row: InboxRow) {
  return and(
    eq(webhookInbox.id, row.id),
    eq(webhookInbox.attempts, row.attempts),
    inArray(webhookInbox.state, ['received', 'parked']),
  );
}

function keyOf(event: { provider: string; eventId: string }): string {
  return `${event.provider}/${event.eventId}`;
}
