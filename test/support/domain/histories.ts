import fc from 'fast-check';
import type { PaymentStatus } from '../../../src/payments/payment/payment.js';
import type { PaymentRow } from '../../../src/payments/payment/payment.tables.js';
import type { Fact, RefundStatus } from '../../../src/providers/facts.js';
import { disputeFact, paymentFact, refundFact } from './facts.js';

type Ending =
  'none' | 'failed' | 'expired' | 'canceled' | 'paid' | 'paid after expiring' | 'paid after failing';

interface RefundStory {
  /** Per cent of the payment. */
  share: number;
  statuses: readonly RefundStatus[];
}

/** What a provider lets happen to one payment, before anybody shuffles the news of it. */
export interface Story {
  ending: Ending;
  voucher: boolean;
  held: boolean;
  declines: number;
  refunds: readonly RefundStory[];
  disputes: readonly ('open' | 'won' | 'lost')[];
  /** Seeds the order in which the facts arrive, and how often each does. */
  arrival: readonly { order: number; copies: number }[];
}

const refund: fc.Arbitrary<RefundStory> = fc.record({
  share: fc.constantFrom(10, 30, 50, 70, 100),
  statuses: fc.constantFrom<readonly RefundStatus[]>(
    ['pending'],
    ['succeeded'],
    ['pending', 'succeeded'],
    ['pending', 'failed'],
    ['pending', 'canceled'],
    ['pending', 'succeeded', 'failed'],
  ),
});

export const stories: fc.Arbitrary<Story> = fc.record({
  ending: fc.constantFrom<Ending>(
    ...(['none', 'failed', 'expired', 'canceled', 'paid', 'paid', 'paid'] as const),
    ...(['paid after expiring', 'paid after failing'] as const),
  ),
  voucher: fc.boolean(),
  held: fc.boolean(),
  declines: fc.integer({ min: 0, max: 2 }),
  refunds: fc.array(refund, { maxLength: 3 }).filter((list) => finallyRefunded(list) <= 100),
  disputes: fc.array(fc.constantFrom('open', 'won', 'lost'), { maxLength: 2 }),
  arrival: fc.array(fc.record({ order: fc.nat(), copies: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 24,
    maxLength: 24,
  }),
});

/** Per cent that are back with the customer in the end. */
function finallyRefunded(refunds: readonly RefundStory[]): number {
  return refunds.reduce((sum, { share, statuses }) => sum + (statuses.at(-1) === 'succeeded' ? share : 0), 0);
}

export function isPaidStory(story: Story): boolean {
  return story.ending.startsWith('paid');
}

/** How the payment has to stand in the end, whatever came first. */
export function expectedOf(story: Story, amount: bigint) {
  const paid = isPaidStory(story);
  const refunded = paid ? (amount * BigInt(finallyRefunded(story.refunds))) / 100n : 0n;
  return {
    status: statusOf(story, refunded, amount),
    amountCaptured: paid ? amount : 0n,
    amountRefunded: refunded,
    disputed: paid && story.disputes.includes('open'),
    refunds: paid ? story.refunds.map(({ statuses }) => statuses.at(-1)).sort() : [],
    disputes: paid ? [...story.disputes].sort() : [],
  };
}

function statusOf(story: Story, refunded: bigint, amount: bigint): PaymentStatus {
  if (isPaidStory(story))
    return refunded === 0n ? 'succeeded' : refunded < amount ? 'partially_refunded' : 'refunded';
  if (story.ending === 'failed' || story.ending === 'expired' || story.ending === 'canceled')
    return story.ending;
  if (story.held) return 'authorized';
  return story.voucher ? 'pending' : 'created';
}

/** The facts in the order in which they happened. */
export function factsOf(story: Story, payment: PaymentRow): Fact[] {
  const facts: Fact[] = [
    paymentFact(payment, 'opened', { ref: { provider: 'fake', sessionId: `cs_${payment.id}` } }),
  ];
  for (let at = 0; at < story.declines; at += 1) {
    facts.push(
      paymentFact(payment, 'attempt_failed', { attemptId: `attempt-${at}`, reason: 'card_declined' }),
    );
  }
  if (story.voucher)
    facts.push(paymentFact(payment, 'pending', { method: { type: 'cash', reference: '123' } }));
  if (story.held) facts.push(paymentFact(payment, 'authorized'));
  if (story.ending === 'paid after expiring') facts.push(paymentFact(payment, 'expired'));
  if (story.ending === 'paid after failing') facts.push(paymentFact(payment, 'failed'));
  if (!isPaidStory(story))
    return story.ending === 'none' ? facts : [...facts, closing(payment, story.ending)];
  // Two event types tell of one success, and only one of them knows the receipt.
  facts.push(paymentFact(payment, 'succeeded', { receiptUrl: 'https://fake.example/receipt' }));
  facts.push(paymentFact(payment, 'succeeded', { receiptUrl: 'https://fake.example/receipt' }));
  story.refunds.forEach(({ share, statuses }, at) => {
    const amount = (payment.amount * BigInt(share)) / 100n;
    for (const status of statuses) facts.push(refundFact(payment, String(at), status, amount));
  });
  story.disputes.forEach((status, at) => {
    facts.push(disputeFact(payment, String(at), 'open'));
    if (status !== 'open') facts.push(disputeFact(payment, String(at), status));
  });
  return facts;
}

function closing(payment: PaymentRow, ending: Ending): Fact {
  if (ending === 'failed' || ending === 'expired' || ending === 'canceled')
    return paymentFact(payment, ending);
  throw new Error(`${ending} closes nothing`);
}

/** The same facts as the network brings them: in any order, and more than once. */
export function arrivals(story: Story, facts: readonly Fact[]): Fact[] {
  return facts
    .flatMap((fact, at) => {
      const { order, copies } = story.arrival[at % story.arrival.length] ?? { order: 0, copies: 1 };
      return Array.from({ length: copies }, (_, copy) => ({
        fact,
        order: (order * (copy + 1) * 2_654_435_761) % 1_000_003,
      }));
    })
    .sort((left, right) => left.order - right.order)
    .map(({ fact }) => fact);
}
