import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asc } from 'drizzle-orm';
import fc from 'fast-check';
import { DomainBed } from '../../../test/support/domain/domain.bed.js';
import { FAKE } from '../../../test/support/domain/fake.provider.js';
import {
  arrivals,
  factsOf,
  isPaidStory,
  stories,
  type Story,
} from '../../../test/support/domain/histories.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { outbox } from '../../outbox/outbox.tables.js';
import type { Fact } from '../../providers/facts.js';
import { disputes, orderSlots, payments, paymentTransitions, refunds } from '../payment/payment.tables.js';
import { type Decision, newPayment } from './payment.state.js';

const CAUSE = 'webhook:evt_test';
const NAMED_BY_THE_BOOKS = /^(payment\.succeeded|refund\..*|dispute\..*)$/;

/** Payments of the service that was replaced: some for the order of the one before. */
interface Books {
  told: readonly { story: Story; sameOrder: boolean }[];
  /** How their news is mixed, and cut into batches. */
  mix: readonly number[];
  batches: readonly number[];
}

const books: fc.Arbitrary<Books> = fc.record({
  told: fc.array(fc.record({ story: stories, sameOrder: fc.boolean() }), { minLength: 1, maxLength: 4 }),
  mix: fc.array(fc.nat(999), { minLength: 7, maxLength: 40 }),
  batches: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
});

/** Never more is given back than came in, not even for a while: which of two such refunds is told depends on what is heard first. */
const sound = stories.filter(({ refunds: backs }) => {
  const given = backs.filter(({ statuses }) => statuses.includes('succeeded'));
  return given.reduce((sum, { share }) => sum + share, 0) <= 100;
});

/** Its facts as they happened. */
function newsOf(story: Story, payment: string, orderId: string): Fact[] {
  const row = newPayment(new Date(0), {
    ...{ id: payment, orderId, provider: FAKE, livemode: false, amount: 10_000n, currency: 'USD' },
    ...{ capture: 'automatic', items: [], metadata: {}, caller: 'nats' },
  });
  return factsOf(story, row).map((fact) => ({
    ...fact,
    ref: { ...fact.ref, paymentId: undefined, providerPaymentId: `pi_${payment}` },
  }));
}

/** What the provider says of it in the end: each of its objects once, as it is then. */
function lastOf(facts: readonly Fact[]): Fact[] {
  const last = new Map(
    facts.map((fact) => {
      const name =
        fact.kind === 'refund' ? fact.refundId : fact.kind === 'dispute' ? fact.disputeId : fact.name;
      return [name, fact];
    }),
  );
  return [...last.values()];
}

function newsOfAll({ told, mix }: Books): Fact[] {
  let order = 0;
  const lines = told.map(({ story, sameOrder }, at) => {
    if (!sameOrder) order += 1;
    return arrivals(story, newsOf(story, `p${at}`, `order-${order}`));
  });
  const all: Fact[] = [];
  for (let turn = 0; lines.some(({ length }) => length > 0); turn += 1) {
    const left = lines.filter(({ length }) => length > 0);
    all.push(...(left[(mix[turn % mix.length] ?? 0) % left.length]?.splice(0, 1) ?? []));
  }
  return all;
}

describe('the one decision', () => {
  let homes: MigratedDatabase[];
  let [alone, batched, third]: DomainBed[] = [];
  beforeAll(async () => {
    homes = await Promise.all([migratedDatabase(), migratedDatabase(), migratedDatabase()]);
    [alone, batched, third] = homes.map(
      ({ database }) => new DomainBed(database, { adoptSince: new Date(0) }),
    );
  });
  afterAll(() => Promise.all(homes.map((home) => home.drop())));

  const told = (facts: readonly Fact[]) => facts.map((fact) => ({ fact, cause: CAUSE }));
  /** In batches of these sizes; what has to wait is tried again, as the inbox does, until it stays as it is. */
  const tell = async (
    bed: DomainBed | undefined,
    facts: readonly Fact[],
    sizes: readonly number[],
  ): Promise<void> => {
    if (bed === undefined) throw new Error('no bed');
    for (let waiting = [...facts], before = Infinity; waiting.length > 0 && waiting.length < before;) {
      before = waiting.length;
      const parked: Fact[] = [];
      for (let turn = 0; waiting.length > 0; turn += 1) {
        const batch = waiting.splice(0, sizes[turn % sizes.length] ?? 1);
        const decisions = await bed.database.transaction((tx) => bed.facts.applyAll(tx, told(batch)));
        parked.push(...batch.filter((_, at) => decisions[at]?.applied.kind === 'parked'));
      }
      waiting = parked;
    }
  };
  /** The same without saving: whatever waited is told once more after all that was told before. */
  const preview = async (bed: DomainBed | undefined, facts: readonly Fact[]) => {
    if (bed === undefined) throw new Error('no bed');
    for (let all = [...facts], waiting = all, before = Infinity; ;) {
      const seen = await bed.facts.preview(bed.database.db, told(all));
      const decided: readonly Decision[] = seen.decisions.slice(-waiting.length);
      const parked = waiting.filter((_, at) => decided[at]?.applied.kind === 'parked');
      if (parked.length === 0 || parked.length >= before) return seen;
      before = parked.length;
      waiting = parked;
      all = [...all, ...parked];
    }
  };
  /** All that is kept, but for what a clock or a counter of the database gave. */
  const kept = async (bed: DomainBed | undefined) => {
    if (bed === undefined) throw new Error('no bed');
    const { db } = bed.database;
    const steps = await db
      .select()
      .from(paymentTransitions)
      .orderBy(asc(paymentTransitions.paymentId), asc(paymentTransitions.version));
    return {
      payments: (await db.select().from(payments).orderBy(asc(payments.id))).map(standing),
      refunds: (await db.select().from(refunds).orderBy(asc(refunds.id))).map(timeless),
      disputes: (await db.select().from(disputes).orderBy(asc(disputes.id))).map(timeless),
      slots: (await db.select().from(orderSlots).orderBy(asc(orderSlots.orderId))).map(timeless),
      steps: steps.map(({ id: _id, at: _at, ...step }) => step),
    };
  };
  const messages = async (bed: DomainBed | undefined) => {
    const { id, channel, key, orderId, subject, body, headers } = outbox;
    const columns = { id, channel, key, orderId, subject, body, headers };
    return (await bed?.database.db.select(columns).from(outbox).orderBy(asc(outbox.seq))) ?? [];
  };
  const clear = async (): Promise<void> => {
    for (const { database } of homes)
      for (const table of [payments, refunds, disputes, orderSlots, paymentTransitions, outbox])
        await database.db.delete(table);
  };

  it('leaves the same behind for facts alone, in batches, and as a preview says', async () => {
    await fc.assert(
      fc.asyncProperty(books, async (story) => {
        await clear();
        const facts = newsOfAll(story);
        await tell(alone, facts, [1]);
        await tell(batched, facts, story.batches);
        const seen = await preview(third, facts);
        const [expected, promised] = [await kept(alone), await messages(alone)];
        expect(await kept(batched)).toEqual(expected);
        expect(await messages(batched)).toEqual(promised);
        const rows = seen.payments.map(({ after }) => standing(after));
        expect(rows.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(expected.payments);
        expect(seen.decisions.flatMap((decision) => decision.messages)).toEqual(promised);
        expect(await kept(third)).toEqual({ payments: [], refunds: [], disputes: [], slots: [], steps: [] });
      }),
      { numRuns: 20, endOnFailure: true },
    );
  }, 180_000);

  it('announces the same books under the same ids, told live in any order or read again into an empty database', async () => {
    await fc.assert(
      fc.asyncProperty(sound, sound, async (...told) => {
        await clear();
        const news = told.map((story, at) => newsOf(story, `p${at}`, `order-${at}`));
        const paid = told.map(isPaidStory);
        const live = news.map((facts, at) => arrivals(told[at] ?? told[0], facts));
        await tell(alone, live.flat().reverse(), [1]);
        await tell(batched, news.flat(), [100]);
        await tell(third, news.flatMap(lastOf).reverse(), [1]);
        const ids = async (bed: DomainBed | undefined) =>
          (await messages(bed))
            .filter(({ subject }) => NAMED_BY_THE_BOOKS.test(subject.replace('payments.events.', '')))
            .map(({ id, subject }) => `${subject} ${id}`)
            .sort();
        const [heard, inOrder, rebuilt] = [await ids(alone), await ids(batched), await ids(third)];
        // Read again, a refund tells how it ended, and not what it was in between.
        expect(inOrder).toEqual(expect.arrayContaining(rebuilt));
        expect(inOrder).toEqual(expect.arrayContaining(heard));
        expect(heard).toEqual(expect.arrayContaining(rebuilt));
        const successes = (all: readonly string[]) =>
          all.filter((one) => /payment.succeeded/.test(one)).length;
        for (const all of [heard, inOrder, rebuilt])
          expect(successes(all)).toBe(2 * paid.filter(Boolean).length);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  }, 180_000);
});

function timeless<T extends object>(row: T) {
  const { createdAt: _c, updatedAt: _u, revision: _r, version: _v, ...rest } = { ...EMPTY, ...row };
  return rest;
}

function standing<T extends { id: string; nextCheckAt: Date | null; version: number }>(row: T) {
  const { nextCheckAt, version } = row;
  return { ...timeless(row), id: row.id, version, nextCheckAt: nextCheckAt !== null };
}

const EMPTY = { createdAt: 0, updatedAt: 0, revision: 0, version: 0 };
