import type { NoAnswer, OrderAnswer } from './orders.lookup.js';

export type OrderVerdict =
  | { kind: 'paid' }
  | { kind: 'unpaid' }
  | { kind: 'unknown_order'; reason: string }
  /** Nobody answered, or the answer does not say. */
  | { kind: 'unanswered'; why: NoAnswer; reason: string };

/** Whether the orders service has taken note of a payment, from its answer about the order. */
export function judgeOrder(answer: OrderAnswer): OrderVerdict {
  if (!answer.answered) return { kind: 'unanswered', why: answer.why, reason: answer.reason };
  const { order, reason = 'unknown order' } = answer;
  if (order === undefined) return { kind: 'unknown_order', reason };
  const paid = 'paid' in order ? order.paid : undefined;
  const status = 'status' in order ? order.status : undefined;
  if (paid === true) return { kind: 'paid' };
  if (typeof status === 'string') return { kind: status.toUpperCase() === 'PAID' ? 'paid' : 'unpaid' };
  if (paid === false) return { kind: 'unpaid' };
  return { kind: 'unanswered', why: 'fault', reason: 'the order has neither paid nor status' };
}
