import { describe, expect, it } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import { legacySucceeded, streamMessage } from './event.envelope.js';

const EVENT = {
  id: '0190b6a0-0000-7000-8000-000000000001',
  type: 'refund.created',
  occurredAt: new Date('2026-01-02T03:04:05.678Z'),
  orderId: 'order-1',
  paymentId: 'payment-1',
  source: '/payments',
  data: {},
};

describe('a stream message', () => {
  it("is Nest's envelope with the CloudEvents attributes as headers", () => {
    expect(streamMessage({ ...EVENT, data: { amount: 1999n, refund: { amount: 5n } } })).toEqual({
      id: EVENT.id,
      channel: 'stream',
      key: 'payment-1',
      orderId: 'order-1',
      subject: 'payments.events.refund.created',
      body: '{"pattern":"payments.events.refund.created","data":{"amount":1999,"refund":{"amount":5}}}',
      headers: {
        'Nats-Msg-Id': EVENT.id,
        'ce-specversion': '1.0',
        'ce-id': EVENT.id,
        'ce-type': 'refund.created',
        'ce-source': '/payments',
        'ce-time': '2026-01-02T03:04:05.678Z',
        'ce-subject': 'order-1',
      },
    });
  });

  it('refuses an amount that a JSON reader would round', () => {
    expect(() => streamMessage({ ...EVENT, data: { amount: 2n ** 53n } })).toThrow(RangeError);
  });

  it.each([
    ['a\r\nNats-Msg-Id: x', 'a%0D%0ANats-Msg-Id:%20x'],
    ['pedido "ñ" 100%', 'pedido%20%22%C3%B1%22%20100%25'],
    ['\ud800', '%EF%BF%BD'],
    [' ', '%20'],
  ])('carries the order id %j in a header', (orderId, encoded) => {
    const message = streamMessage({ ...EVENT, orderId });
    expect(message.orderId).toBe(orderId);
    expect(message.headers['ce-subject']).toBe(encoded);
    expect(() => headers().set('ce-subject', encoded)).not.toThrow();
  });

  it('has no subject attribute where there is no order', () => {
    expect(streamMessage({ ...EVENT, orderId: null }).headers).not.toHaveProperty('ce-subject');
  });
});

describe('the legacy message', () => {
  it('has exactly the three keys that orders services accept', () => {
    const message = legacySucceeded({
      id: EVENT.id,
      paymentId: 'payment-1',
      orderId: 'order-1',
      chargeId: 'ch_1',
      receiptUrl: 'https://pay.example.com/r',
    });
    expect(message).toMatchObject({ channel: 'orders', subject: 'payment.succeeded', headers: {} });
    expect(message.body).toBe(
      '{"pattern":"payment.succeeded",' +
        '"data":{"stripePaymentId":"ch_1","orderId":"order-1","receiptUrl":"https://pay.example.com/r"}}',
    );
  });
});
