import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { openAtProvider, purchase, readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LocalService } from '../support/harness/service.local.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const MIGRATIONS = new URL('../../src/database/migrations/', import.meta.url);

/** The statements of the migrations that make what was recorded wrongly due for a look. */
function mendingStatements(): string[] {
  const files = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'));
  return files
    .flatMap((name) => readFileSync(new URL(name, MIGRATIONS), 'utf8').split('--> statement-breakpoint'))
    .filter((statement) => statement.includes('Recorded wrongly'));
}

describe('what the version before recorded wrongly', () => {
  let world: World;
  let service: LocalService;
  let stream: StreamReader;

  beforeAll(async () => {
    world = await startWorld({ services: 0 });
    service = await world.startLocalService();
    stream = await world.openStream();
  }, 120_000);
  afterAll(() => world?.stop());

  async function paid(extra: object = {}) {
    const request = purchase(extra);
    const { paymentId, sessionId } = await openAtProvider(service, request);
    const { charge, paymentIntent } = await world.stripe.payWithCard(sessionId);
    await world.stripe.delivery.settled();
    const { orderId } = request;
    return { orderId, paymentId, chargeId: charge?.id ?? '', intentId: paymentIntent?.id ?? '' };
  }
  const settled = async (paymentId: string, expected: object): Promise<void> => {
    await world.stripe.delivery.settled();
    await eventually(async () => {
      expect(await world.waitingEvents()).toEqual([]);
      expect(await readPayment(service, paymentId)).toMatchObject(expected);
    });
  };
  const upgrade = async (): Promise<void> => {
    for (const statement of mendingStatements()) await world.sql(statement);
  };
  const inSilence = async (act: () => Promise<unknown>): Promise<void> => {
    world.stripe.delivery.set({ drop: { all: true } });
    await act();
    await world.stripe.delivery.settled();
    world.stripe.delivery.set({ drop: null });
  };

  it('T8g a hold of which a part was taken has no refund of the rest after the upgrade', async () => {
    const payment = await paid({ capture: 'manual' });
    await settled(payment.paymentId, { status: 'authorized' });
    await world.stripe.capture(payment.intentId, 3000);
    await settled(payment.paymentId, { status: 'succeeded', amountRefunded: 0 });
    const [rest] = world.stripe.state().refunds.filter(({ charge }) => charge === payment.chargeId);
    await world.sql(
      `insert into refunds (id, payment_id, provider, provider_refund_id, amount, currency, status)
       values ($1, $2, 'stripe', $3, 998, 'USD', 'succeeded')`,
      [randomUUID(), payment.paymentId, rest?.id],
    );
    await world.sql(
      `update payments set amount_refunded = 998, status = 'partially_refunded' where id = $1`,
      [payment.paymentId],
    );
    await upgrade();
    await settled(payment.paymentId, { status: 'succeeded', amountCaptured: 3000, amountRefunded: 0 });
    await eventually(async () => {
      const taken = (await stream.of(payment.orderId)).filter(({ type }) => type.startsWith('refund.'));
      expect(taken).toMatchObject([
        {
          type: 'refund.failed',
          data: { refund: { amount: 998, reason: 'never_captured' }, amountRefunded: 0 },
        },
      ]);
    });
    // Looked at once, and not for ever.
    await eventually(async () => {
      const [row] = await world.sql<{ next: Date | null }>(
        `select next_check_at as next from payments where id = $1`,
        [payment.paymentId],
      );
      expect(row?.next).toBeNull();
    });
  });

  it('T10i a dispute that stayed lost is won after the upgrade, and an inquiry is none of the disputed ones', async () => {
    const [lost, asked] = [await paid(), await paid()];
    for (const { paymentId } of [lost, asked]) await settled(paymentId, { status: 'succeeded' });
    const dispute = await world.stripe.openDispute(lost.chargeId);
    await world.stripe.closeDispute(dispute.id, 'lost');
    await world.stripe.openDispute(asked.chargeId, { inquiry: true });
    await settled(lost.paymentId, { disputed: false });
    await eventually(async () => expect(await stream.typesOf(asked.orderId)).toContain('dispute.opened'));
    await inSilence(() => world.stripe.closeDispute(dispute.id, 'won'));
    await world.sql(`update disputes set inquiry = null`);
    await world.sql(`update payments set disputed = true where id = $1`, [asked.paymentId]);
    await upgrade();
    await settled(asked.paymentId, { disputed: false });
    await eventually(async () =>
      expect(await stream.typesOf(lost.orderId)).toEqual([
        'payment.created',
        'payment.succeeded',
        'dispute.opened',
        'dispute.lost',
        'dispute.won',
      ]),
    );
    await eventually(async () =>
      expect(await stream.typesOf(asked.orderId)).toEqual([
        'payment.created',
        'payment.succeeded',
        'dispute.opened',
      ]),
    );
  });
});
