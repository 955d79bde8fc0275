import { describe, expect, it } from '@jest/globals';
import { PAYMENT_STATUSES, isPaid } from '../../payments/payment/payment.js';
import { TEXTS } from '../page/reader.js';
import { OUTCOME_OF, REFRESH_SECONDS, toldAbout } from '../payment/payment.message.js';
import type { PaymentPage } from '../payment/payment.page.js';

const READER = { language: 'en', locale: 'en-US', json: true } as const;

/** Names, and words that both languages took from Latin. */
const SAME_IN_BOTH = ['Subtotal', 'Total', 'Apple Pay', 'Google Pay', 'CLABE'];

function textsOf(texts: object): string[] {
  return Object.values(texts).flatMap((text: unknown) => {
    if (typeof text === 'string') return [text];
    return typeof text === 'object' && text !== null ? textsOf(text) : [];
  });
}

function paymentOf(status: PaymentPage['status']): PaymentPage {
  return {
    paymentId: '01936f2e-7b1a-7c3d-8e4f-0123456789ab',
    orderId: 'order-1',
    provider: 'fake',
    status,
    livemode: true,
    amount: 1999n,
    amountCaptured: 0n,
    amountRefunded: 0n,
    currency: 'USD',
    items: [],
    adjustments: [],
    ui: 'hosted',
    createdAt: new Date('2026-11-22T10:00:00Z'),
  };
}

describe('what the pages say', () => {
  it('is different for every outcome, in both languages', () => {
    for (const { outcomes } of Object.values(TEXTS)) {
      const messages = Object.values(outcomes).map((message) => message.text);
      expect(new Set(messages).size).toBe(messages.length);
    }
  });

  it('is translated: no text of one language is found in the other', () => {
    const english = new Set(textsOf(TEXTS.en));
    expect(textsOf(TEXTS.es).filter((text) => english.has(text))).toEqual(SAME_IN_BOTH);
  });

  it('has no text that says nothing, and as many steps in both languages', () => {
    for (const texts of Object.values(TEXTS))
      expect(textsOf(texts).filter((text) => !/\w/.test(text))).toEqual([]);
    expect(textsOf(TEXTS.es)).toHaveLength(textsOf(TEXTS.en).length);
  });

  it.each(PAYMENT_STATUSES)('a %s payment is called paid only if it is', (status) => {
    expect(toldAbout(paymentOf(status), 'success', READER).ok).toBe(isPaid(status));
    expect(toldAbout(paymentOf(status), 'cancel', READER).ok).toBe(isPaid(status));
    expect(/is complete|returned to you/.test(toldAbout(paymentOf(status), 'success', READER).message)).toBe(
      isPaid(status),
    );
  });

  it('asks again only while something can still happen by itself', () => {
    const asking = PAYMENT_STATUSES.filter((status) => REFRESH_SECONDS[OUTCOME_OF[status]] !== undefined);
    expect(asking).toEqual(['created', 'pending', 'authorized', 'unknown']);
  });
});
