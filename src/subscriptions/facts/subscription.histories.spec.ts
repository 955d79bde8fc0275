import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import type { FakeSubscription } from '../../../test/support/domain/fake.subscriptions.js';
import { type BedCustomer, SHOP, SubscriptionBed } from '../../../test/support/domain/subscription.bed.js';
import {
  play,
  subscriptionStories,
  type SubscriptionStory,
} from '../../../test/support/domain/subscription.histories.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { payments } from '../../payments/payment/payment.tables.js';
import type { SubscriptionSubject } from '../../providers/billing.facts.js';
import type { BillingReading } from './billing.truth.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** Its first cycle is paid, its second one never; all of that is heard when it has ended, the end first. */
const HEARD_AFTER_ITS_END: SubscriptionStory = {
  byUs: false,
  trial: false,
  rules: { keepsOurId: false, drafts: false, tellsRetries: false },
  moves: ['decline', 'time', 'time', 'time', 'time'],
  turns: [],
};

describe('whatever becomes of a subscription at its provider', () => {
  let home: MigratedDatabase;
  let bed: SubscriptionBed;
  let plans: Record<'trial' | 'first' | 'second', PlanRow>;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    home = await migratedDatabase();
    bed = await SubscriptionBed.start(home.database);
    const [trial, first] = [await bed.plan({ trialDays: 10 }), await bed.plan()];
    plans = { trial, first, second: await bed.plan({ name: 'Silver' }) };
  });
  afterAll(() => home.drop());

  const begin = async (story: SubscriptionStory, customer: BedCustomer): Promise<FakeSubscription> => {
    bed.at.forget();
    bed.at.now = bed.clock.now();
    bed.at.rules = story.rules;
    const plan = story.trial ? plans.trial : plans.first;
    if (story.byUs) await bed.service.create({ customerId: customer.id, planId: plan.id }, SHOP);
    else bed.at.subscribe(customer.account, plan.id, { sourceId: customer.cardAtProvider });
    const [one] = bed.at.kept;
    if (one === undefined) throw new Error('the provider made none');
    return one;
  };

  /** News arrive in any order, once or more; each is read when it is looked at, and applied now or later. */
  const live = async (story: SubscriptionStory, one: FakeSubscription, card: string): Promise<void> => {
    const moves = [...story.moves];
    const ids = { first: plans.first.id, second: plans.second.id, card };
    const heard = new Set<SubscriptionSubject>();
    const open: { event: SubscriptionSubject; reading: BillingReading | undefined }[] = [];
    const apply = async (event: SubscriptionSubject, reading: BillingReading | undefined) => {
      const applied = await bed.apply(reading);
      expect(['applied', 'stale', 'parked']).toContain(applied.kind);
      if (applied.kind !== 'parked') heard.add(event);
    };
    for (const { what, pick } of story.turns) {
      const event = bed.at.events[pick % Math.max(1, bed.at.events.length)];
      if (what === 'move') moves.splice(0, 1).forEach((move) => play(bed.at, one, move, ids));
      if (what === 'read' && event !== undefined) open.push({ event, reading: await bed.read(event) });
      if (what !== 'apply') continue;
      for (const { event, reading } of open.splice(pick % Math.max(1, open.length), 1))
        await apply(event, reading);
    }
    moves.forEach((move) => play(bed.at, one, move, ids));
    // What has not been heard is tried again, some of it at once, until all of it is.
    for (let round = 0; ; round += 1) {
      const waiting = bed.at.events.filter((event) => !heard.has(event));
      if (waiting.length === 0) break;
      expect(round).toBeLessThan(100);
      const next = waiting.reverse().slice(0, 2);
      await Promise.all(next.map(async (event) => apply(event, await bed.read(event))));
    }
    // Readings of long ago come last.
    for (const { event, reading } of open) await apply(event, reading);
  };

  const expectKept = (row: SubscriptionRow, one: FakeSubscription, customer: BedCustomer): void => {
    const fact = bed.at.fact(one, []);
    const byUid = Object.values(plans).find(({ uid }) => uid === (row.nextPlanUid ?? row.planUid));
    const latest = fact.periods.at(-1);
    const collecting = latest !== undefined && latest.paidAt === undefined;
    expect({ ...row, plan: byUid?.id }).toMatchObject({
      status: fact.status,
      cancelReason: fact.cancelReason ?? null,
      cancelAtPeriodEnd: fact.cancelAtPeriodEnd,
      plan: fact.providerPlanId,
      sourceId: fact.providerSourceId === undefined ? null : customer.cardId,
      trialEnd: fact.trialEnd ?? null,
      periodStart: fact.periodStart ?? null,
      periodEnd: fact.periodEnd ?? null,
      pausedAt: fact.pausedAt ?? null,
      canceledAt: fact.canceledAt ?? null,
      failedAttempts: collecting ? latest.failures.length : 0,
    });
  };

  /** One payment for each cycle that was charged, told once when it is paid; each declined attempt is told once. */
  const expectTold = async ({ id }: SubscriptionRow, one: FakeSubscription): Promise<void> => {
    const events = await bed.events(id);
    const told = (type: string) => events.filter((event) => event.type === `subscription.${type}`);
    const rows = await home.database.db.select().from(payments).where(eq(payments.subscriptionId, id));
    const paid = one.periods.filter(({ paidAt }) => paidAt !== undefined);
    expect(rows.map(({ providerPaymentId }) => providerPaymentId).sort()).toEqual(
      one.periods.map(({ providerPaymentId }) => providerPaymentId).sort(),
    );
    const succeeded = rows.filter(({ status }) => status === 'succeeded').map((row) => row.id);
    expect(succeeded).toHaveLength(paid.length);
    // The first cycle's, where a later one was heard of before it, by `updated`.
    const tellers = [...told('activated'), ...told('renewed'), ...told('updated')];
    const renewals = tellers.flatMap((event) => event.paymentId ?? []);
    expect(renewals.sort()).toEqual(succeeded.sort());
    const failures = one.periods.flatMap((period) => period.failures);
    expect(told('payment_failed')).toHaveLength(failures.length);
    expect(told('created')).toHaveLength(1);
    expect(told('activated').length).toBeLessThanOrEqual(1);
    expect(told('trial_ending').length).toBeLessThanOrEqual(1);
    expect(told('canceled')).toHaveLength(one.status === 'canceled' ? 1 : 0);
    if (one.status === 'canceled') expect(events.at(-1)).toMatchObject({ status: 'canceled' });
  };

  const expectVersions = async ({ id, version }: SubscriptionRow): Promise<void> => {
    const log = await bed.transitions(id);
    expect(log.map((line) => line.version)).toEqual(log.map((_, at) => at + 1));
    expect((await bed.events(id)).map((event) => event.version)).toEqual(log.map((line) => line.version));
    expect(version).toBe(log.length);
    for (let at = 1; at < log.length; at += 1) expect(log[at]?.from).toBe(log[at - 1]?.to);
  };

  it('is kept and told, in whatever order and however often the news of it come', async () => {
    await fc.assert(
      fc.asyncProperty(subscriptionStories, async (story) => {
        const customer = await bed.customer();
        const one = await begin(story, customer);
        await live(story, one, customer.cardAtProvider);
        const [row, ...more] = await bed.rowsOf(customer.id);
        if (row === undefined) throw new Error('there is none');
        expect(more).toEqual([]);
        expectKept(row, one, customer);
        await expectTold(row, one);
        await expectVersions(row);
      }),
      { numRuns: 12, examples: [[HEARD_AFTER_ITS_END]] },
    );
  }, 60_000);
});
