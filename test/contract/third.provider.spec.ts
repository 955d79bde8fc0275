import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
import { ServiceError } from '../../src/kernel/errors.js';
import { moneyOfDecimal } from '../../src/kernel/money.js';
import { type Fact, isOfAnOrder, type PaymentRef } from '../../src/providers/facts.js';
import { decodeBody, idOf, jsonOf, parseBody, textOf } from '../../src/providers/json.read.js';
import { ProviderRegistry } from '../../src/providers/provider.registry.js';
import type { WebhookEvent, WebhookRequest, WebhookSubject } from '../../src/providers/webhook.ports.js';
import { AppBed } from '../support/domain/app.bed.js';
import { FakeProvider } from '../support/domain/fake.provider.js';
import { until } from '../support/outbox/until.js';

const SECRET = 'of the third one';
const THIRD = 'third';

/**
 * As a third provider may be: it signs the query string, its events name a payment and say neither the mode nor
 * anything else, and its API tells money in decimals.
 */
class ThirdProvider extends FakeProvider {
  override readonly name = THIRD;
  readonly orderId = randomUUID();

  override async verify({ body, query, rawHeaders }: WebhookRequest): Promise<WebhookEvent> {
    const signature = rawHeaders[rawHeaders.findIndex((name) => name.toLowerCase() === 'x-signature') + 1];
    const payload = parseBody(decodeBody(body) ?? '');
    const { id, type } = jsonOf(payload);
    const [eventId, kind] = [textOf(id), textOf(type)];
    if (signature !== signatureOf(query) || eventId === undefined || kind === undefined)
      throw new ServiceError('signature_invalid', 'The signature does not match');
    return { provider: THIRD, eventId, type: kind, livemode: undefined, payload };
  }

  override subjectOf({ type, payload }: WebhookEvent): WebhookSubject | undefined {
    const providerPaymentId = idOf(jsonOf(payload).data);
    if (type !== 'payment' || providerPaymentId === undefined) return undefined;
    return { kind: 'payment', ref: { provider: THIRD, providerPaymentId } };
  }

  override mayNeedRead(event: WebhookEvent): boolean {
    return this.subjectOf(event) !== undefined;
  }

  override async factsOf(event: WebhookEvent): Promise<readonly Fact[]> {
    const subject = this.subjectOf(event);
    if (subject?.kind !== 'payment') return [];
    const read = await this.payment(subject.ref);
    const money = moneyOfDecimal(read.transaction_amount, read.currency_id);
    // It has no charges of its own beside its payments.
    const chargeId = subject.ref.providerPaymentId;
    const ref = { ...subject.ref, chargeId, orderId: read.external_reference };
    if (money === undefined || !isOfAnOrder(ref)) return [];
    return [
      { kind: 'payment', name: 'succeeded', ref, livemode: this.livemode, occurredAt: new Date(), money },
    ];
  }

  private async payment(_ref: PaymentRef) {
    const answer = `{"transaction_amount":1234.56,"currency_id":"MXN","external_reference":"${this.orderId}"}`;
    const read: unknown = JSON.parse(answer);
    const { transaction_amount, currency_id, external_reference } = jsonOf(read);
    return {
      transaction_amount,
      currency_id: String(currency_id),
      external_reference: String(external_reference),
    };
  }
}

const signatureOf = (query: string): string => createHmac('sha256', SECRET).update(query).digest('hex');

describe('a third provider', () => {
  let bed: AppBed;
  const third = new ThirdProvider();
  beforeAll(async () => {
    bed = await AppBed.start();
    const registry = bed.app.get(ProviderRegistry);
    const find = registry.find.bind(registry);
    jest.spyOn(registry, 'find').mockImplementation((name) => (name === THIRD ? third : find(name)));
  });
  afterAll(() => bed.stop());

  const deliver = (query: string, signature = signatureOf(query)): Promise<Response> =>
    fetch(`${bed.url}/webhooks/${THIRD}?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-signature': signature },
      body: JSON.stringify({ id: `evt_${query}`, type: 'payment', data: { id: 'pay_77' } }),
    });

  it('may sign the query string', async () => {
    expect((await deliver('data.id=77&type=payment', signatureOf('data.id=78'))).status).toBe(400);
    expect((await deliver('data.id=77&type=payment')).status).toBe(200);
  });

  it('may leave the mode to the adapter, and has its payment of our order adopted and announced', async () => {
    expect((await deliver('data.id=79')).status).toBe(200);
    const payment = await until(async () => {
      const [row] = await bed.rows(
        `select order_id, status, amount::text, currency, livemode, adopted, announced from payments
           where provider = '${THIRD}'`,
      );
      return row;
    });
    expect(payment).toEqual({
      order_id: third.orderId,
      status: 'succeeded',
      amount: '123456',
      currency: 'MXN',
      livemode: false,
      adopted: true,
      announced: true,
    });
    const told = await bed.rows(`select body from outbox where channel = 'orders'`);
    expect(told).toEqual([{ body: expect.stringContaining('"pay_77"') }]);
    const stored = await bed.rows(
      `select livemode, state from webhook_inbox where event_id = 'evt_data.id=79'`,
    );
    expect(stored).toMatchObject([{ livemode: false }]);
    expect(stored).not.toMatchObject([{ state: 'quarantined' }]);
  });

  it('may tell money in decimals', async () => {
    const payload = { data: { id: 'pay_77' } };
    const event = { provider: THIRD, eventId: 'evt_1', type: 'payment', livemode: undefined, payload };
    const money = { amount: 123_456n, currency: 'MXN' };
    expect(await third.factsOf(event)).toMatchObject([{ name: 'succeeded', livemode: false, money }]);
  });
});
