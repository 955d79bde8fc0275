import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { DomainBed } from '../../../test/support/domain/domain.bed.js';
import {
  arrivals,
  expectedOf,
  factsOf,
  isPaidStory,
  stories,
  type Story,
} from '../../../test/support/domain/histories.js';
import { sessionRequest } from '../../../test/support/domain/requests.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import type { Fact } from '../../providers/facts.js';
import { disputes } from '../payment/payment.tables.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { refunds } from '../payment/payment.tables.js';

const AMOUNT = 10_000n;

describe('whatever a provider tells of a payment', () => {
  let home: MigratedDatabase;
  let bed: DomainBed;

  beforeAll(async () => {
    home = await migratedDatabase();
    bed = new DomainBed(home.database);
  });
  afterAll(() => home.drop());

  const newPayment = (capture: 'automatic' | 'manual'): Promise<PaymentRow> =>
    bed.sessions.open(
      sessionRequest({
        money: { amount: AMOUNT, currency: 'USD' },
        items: [{ name: 'Desk', unitAmount: AMOUNT, quantity: 1 }],
        capture,
      }),
      'shop',
    );

  /** What has to wait is tried again, as the inbox does, until it stays as it is. */
  const applyAll = async (facts: readonly Fact[]): Promise<Fact[]> => {
    let waiting = [...facts];
    for (let before = Infinity; waiting.length > 0 && waiting.length < before;) {
      before = waiting.length;
      const parked: Fact[] = [];
      for (const fact of waiting) if ((await bed.apply(fact)).kind === 'parked') parked.push(fact);
      waiting = parked;
    }
    return waiting;
  };

  const standing = async ({ id }: PaymentRow) => {
    const { status, amountCaptured, amountRefunded, disputed } = await bed.payment(id);
    const backs = await home.database.db.select().from(refunds).where(eq(refunds.paymentId, id));
    const fights = await home.database.db.select().from(disputes).where(eq(disputes.paymentId, id));
    return {
      status,
      amountCaptured,
      amountRefunded,
      disputed,
      refunds: backs.map((one) => one.status).sort(),
      disputes: fights.map((one) => one.status).sort(),
    };
  };

  /** I2: once if it is paid, else never, over either way out; and with the ids and the receipt whichever fact came first. */
  const expectSuccessTold = async (payment: PaymentRow, times: number): Promise<void> => {
    const told = (await bed.messages(payment.orderId)).filter(({ type }) => type === 'payment.succeeded');
    expect(told.map(({ channel }) => channel).sort()).toEqual(times === 1 ? ['orders', 'stream'] : []);
    for (const { channel, data } of told) {
      if (channel === 'stream')
        expect(data).toMatchObject({ receiptUrl: 'https://fake.example/receipt', amountCaptured: 10_000 });
      else
        expect(data).toEqual({
          stripePaymentId: `ch_${payment.id}`,
          orderId: payment.orderId,
          receiptUrl: 'https://fake.example/receipt',
        });
    }
  };

  /** Versions grow by one, without gaps, in the audit log and in what is announced. */
  const expectVersions = async (payment: PaymentRow): Promise<void> => {
    const log = await bed.transitions(payment.id);
    expect(log.map(({ version }) => version)).toEqual(log.map((_, at) => at + 1));
    expect((await bed.payment(payment.id)).version).toBe(log.length);
    for (let at = 1; at < log.length; at += 1) expect(log[at]?.from).toBe(log[at - 1]?.to);
    const announced = (await bed.messages(payment.orderId)).filter(({ channel }) => channel === 'stream');
    const versions = announced.map(({ data }) => Number(data.version));
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
    expect(new Set(versions).size).toBe(versions.length);
  };

  const check = async (story: Story, shuffle: (facts: Fact[]) => Fact[]): Promise<void> => {
    const payment = await newPayment(story.held ? 'manual' : 'automatic');
    const waiting = await applyAll(shuffle(factsOf(story, payment)));
    expect(waiting).toEqual([]);
    expect(await standing(payment)).toEqual(expectedOf(story, AMOUNT));
    await expectSuccessTold(payment, isPaidStory(story) ? 1 : 0);
    await expectVersions(payment);
  };

  it('ends in one state when it comes in its order', async () => {
    await fc.assert(
      fc.asyncProperty(stories, (story) => check(story, (facts) => facts)),
      { numRuns: 15 },
    );
  }, 90_000);

  it('ends in the same state in any order and with any repetition', async () => {
    await fc.assert(
      fc.asyncProperty(stories, (story) => check(story, (facts) => arrivals(story, facts))),
      { numRuns: 60 },
    );
  }, 120_000);

  it('changes nothing when all of it is told once more', async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const payment = await newPayment(story.held ? 'manual' : 'automatic');
        const facts = factsOf(story, payment);
        await applyAll(facts);
        const before = [await bed.payment(payment.id), await bed.messages(payment.orderId)];
        await applyAll([...facts].reverse());
        expect([await bed.payment(payment.id), await bed.messages(payment.orderId)]).toEqual(before);
      }),
      { numRuns: 10 },
    );
  }, 90_000);
});
