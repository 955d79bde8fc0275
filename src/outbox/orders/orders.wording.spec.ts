import { describe, expect, it } from '@jest/globals';
import { legacy, ordersSettings } from '../../../test/support/outbox/outbox.bed.js';
import type { OrdersSettings } from '../../config/settings.js';
import { inOrdersWords, ordersIdOf } from './orders.wording.js';

const RECEIPT = 'https://pay.example.com/receipt';

function dataOf(orderId: string | number, change: Partial<OrdersSettings> = {}): unknown {
  const packet: unknown = JSON.parse(inOrdersWords(legacy(orderId), ordersSettings(change)).body);
  return packet;
}

describe('what orders services are told', () => {
  it('is by default what the row holds, byte for byte, as earlier versions send it', () => {
    const message = legacy('o1');
    const { subject, body } = inOrdersWords(message, ordersSettings());
    expect({ subject, body }).toEqual({ subject: message.subject, body: message.body });
  });

  it('T17d goes out under their names and on their subject, whatever was set when the row was written', () => {
    const eventKeys = { stripePaymentId: 'paymentChargeId', orderId: 'orderId', receiptUrl: 'receipt_url' };
    expect(
      inOrdersWords(legacy('o1'), ordersSettings({ eventSubject: 'charge.succeeded', eventKeys })),
    ).toEqual({
      subject: 'charge.succeeded',
      body: JSON.stringify({
        pattern: 'charge.succeeded',
        data: { paymentChargeId: 'ch_1', orderId: 'o1', receipt_url: RECEIPT },
      }),
    });
  });

  it('T17e has the pattern of a {cmd} handler as an object, as Nest clients write it', () => {
    const subject = '{"cmd":"payment.succeeded"}';
    const { body } = inOrdersWords(legacy('o1'), ordersSettings({ eventSubject: subject }));
    expect(JSON.parse(body)).toMatchObject({ pattern: { cmd: 'payment.succeeded' } });
  });

  it('T17f leaves out a key without a name', () => {
    const eventKeys = { stripePaymentId: 'stripeId', orderId: 'orderId', receiptUrl: '' };
    expect(dataOf('o1', { eventKeys })).toMatchObject({ data: { stripeId: 'ch_1', orderId: 'o1' } });
    expect(dataOf('o1', { eventKeys })).not.toHaveProperty('data.receiptUrl');
  });

  it.each([
    [7, {}, 7],
    ['7', {}, '7'],
    ['7', { idType: 'number' as const }, 7],
    ['0', { idType: 'number' as const }, 0],
    ['07', { idType: 'number' as const }, '07'],
    ['7.0', { idType: 'number' as const }, '7.0'],
    ['-7', { idType: 'number' as const }, '-7'],
    ['9007199254740993', { idType: 'number' as const }, '9007199254740993'],
    ['1e3', { idType: 'number' as const }, '1e3'],
    ['', { idType: 'number' as const }, ''],
  ])('T17g has the order %j, with %j, as %j', (orderId, change, sent) => {
    expect(dataOf(orderId, change)).toMatchObject({ data: { orderId: sent } });
    expect(ordersIdOf(legacy(orderId), ordersSettings(change))).toBe(sent);
  });

  it('refuses a row that holds something else', () => {
    const message = { ...legacy('o1'), body: '{"pattern":"payment.succeeded","data":{"orderId":"o1"}}' };
    expect(() => inOrdersWords(message, ordersSettings())).toThrow(/three keys/);
    expect(ordersIdOf(message, ordersSettings())).toBe('o1');
  });
});
