import { describe, expect, it } from '@jest/globals';
import { judgeOrder } from './order.verdict.js';

describe('what an order says about its payment', () => {
  it.each([
    [{ paid: true, status: 'PENDING' }, 'paid'],
    [{ status: 'PAID' }, 'paid'],
    [{ status: 'paid' }, 'paid'],
    [{ paid: false, status: 'PENDING' }, 'unpaid'],
    [{ paid: false }, 'unpaid'],
    [{ status: 'CANCELLED' }, 'unpaid'],
    [{ paid: 'true' }, 'unanswered'],
    [{ id: 'o1' }, 'unanswered'],
  ])('%j is %s', (order, kind) => {
    expect(judgeOrder({ answered: true, order }).kind).toBe(kind);
  });

  it('tells an order that does not exist from an answer that did not come', () => {
    expect(judgeOrder({ answered: true, order: undefined, reason: '404' })).toEqual({
      kind: 'unknown_order',
      reason: '404',
    });
    expect(judgeOrder({ answered: false, why: 'silent', reason: 'timeout' })).toEqual({
      kind: 'unanswered',
      why: 'silent',
      reason: 'timeout',
    });
  });
});
