import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiCaller, problemsOf, startSandbox } from '../../test/support/sandbox/conekta.caller.js';
import type { ConektaSandbox } from './conekta.sandbox.js';

const DAY = 24 * 60 * 60;

describe('money that moves after the payment', () => {
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    sandbox = await startSandbox();
    api = new ApiCaller(sandbox);
  });

  afterEach(() => sandbox.close());

  it('refunds within bounds, with negative amounts in the charge', async () => {
    const { id } = await api.order();
    const refund = (body: Record<string, unknown>) => api.post(`/orders/${id}/refunds`, body);
    const reason = 'requested_by_client';
    expect(await refund({ amount: 100, reason })).toMatchObject({ status: 428 });
    await sandbox.payWithCard(id);
    expect(problemsOf(await refund({ amount: 100 }))).toMatchObject([{ param: 'reason', code: 'missing' }]);
    for (const amount of [0, -1, 39_801]) {
      expect(await refund({ amount, reason })).toMatchObject({ status: 422 });
    }
    expect(await refund({ amount: 9_800, reason })).toMatchObject({
      status: 200,
      body: {
        payment_status: 'partially_refunded',
        amount_refunded: 9_800,
        charges: { data: [{ status: 'partially_refunded', refunds: { data: [{ amount: -9_800 }] } }] },
      },
    });
    expect(await refund({ amount: 30_001, reason })).toMatchObject({ status: 422 });
    expect(await refund({ amount: 30_000, reason })).toMatchObject({
      body: { payment_status: 'refunded' },
    });
    expect(await refund({ amount: 1, reason })).toMatchObject({ status: 428 });
    expect(sandbox.events.map(({ type }) => type).slice(-4)).toEqual([
      'charge.refunded',
      'order.partially_refunded',
      'charge.refunded',
      'order.refunded',
    ]);
  });

  it('takes a refund back, and refunds no cash', async () => {
    const byCard = await api.order();
    await sandbox.payWithCard(byCard.id);
    const refunded = await sandbox.refund(byCard.id, 100);
    const refundId = refunded.charges?.data[0]?.refunds?.data[0]?.id;
    const back = await api.call('DELETE', `/orders/${byCard.id}/refunds/${refundId}`);
    expect(back).toMatchObject({ status: 200, body: { payment_status: 'paid', amount_refunded: 0 } });
    const byCash = await api.order();
    await sandbox.issueCash(byCash.id);
    await sandbox.payVoucher(byCash.id);
    const refused = await api.post(`/orders/${byCash.id}/refunds`, { amount: 1, reason: 'other' });
    expect(problemsOf(refused)).toMatchObject([{ code: 'not_refundable' }]);
  });

  it('captures what was authorized, in part or whole, once', async () => {
    const { id } = await api.order({ pre_authorize: true });
    expect((await sandbox.payWithCard(id)).order).toMatchObject({ payment_status: 'pre_authorized' });
    expect(await api.post(`/orders/${id}/capture`, { amount: 39_801 })).toMatchObject({ status: 422 });
    expect(await api.post(`/orders/${id}/capture`, { amount: 30_000 })).toMatchObject({
      status: 200,
      body: { payment_status: 'paid', charges: { data: [{ amount: 30_000, status: 'paid' }] } },
    });
    expect(await api.post(`/orders/${id}/capture`)).toMatchObject({ status: 428 });
  });

  it('voids an authorization that is canceled, or that nobody captures', async () => {
    const [canceled, forgotten] = [
      await api.order({ pre_authorize: true }),
      await api.order({ pre_authorize: true }),
    ];
    await sandbox.payWithCard(canceled.id);
    await sandbox.payWithCard(forgotten.id);
    expect(await api.post(`/orders/${canceled.id}/cancel`)).toMatchObject({
      body: { payment_status: 'voided' },
    });
    await sandbox.advance(8 * DAY);
    expect((await api.get(`/orders/${forgotten.id}`)).body).toMatchObject({ payment_status: 'voided' });
  });

  it('cancels what nobody paid, and nothing else', async () => {
    const [open, paid] = [await api.order(), await api.order()];
    await sandbox.issueCash(open.id);
    await sandbox.payWithCard(paid.id);
    expect(await api.post(`/orders/${open.id}/cancel`)).toMatchObject({
      body: {
        payment_status: 'canceled',
        checkout: { status: 'Cancelled' },
        charges: { data: [{ status: 'canceled' }] },
      },
    });
    expect(await api.post(`/orders/${paid.id}/cancel`)).toMatchObject({
      status: 428,
      body: { type: 'precondition_required_error' },
    });
  });
});
