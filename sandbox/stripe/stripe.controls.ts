import type { DeliveryQueue } from '../delivery.queue.js';
import { newBillingControls } from './billing.controls.js';
import { newCardControls } from './card.controls.js';
import { cardByNumber, DEFAULT_CARD } from './card.numbers.js';
import { answerForSession, payByCard } from './moves/card.payment.js';
import { updateCustomer } from './moves/customer.moves.js';
import { settleDebit, startDebit } from './moves/debit.payment.js';
import { closeDispute, escalateInquiry, openDispute } from './moves/dispute.moves.js';
import { playDue } from './moves/billing.due.js';
import { captureIntent } from './moves/intent.moves.js';
import { createLegacySession, openLink } from './moves/session.create.js';
import { refundCharge, settleRefund } from './moves/refund.moves.js';
import { takeEverythingOff } from './moves/session.discount.js';
import { completeSession, expireSession, requireOpen } from './moves/session.ends.js';
import { receiveTransfer, startTransfer } from './moves/transfer.payment.js';
import { issueVoucher, payVoucher } from './moves/voucher.payment.js';
import { missing } from './stripe.errors.js';
import type { PaymentView, StripeSandbox } from './stripe.sandbox.types.js';
import { stateOf } from './stripe.state.js';
import type { SessionRecord } from './stripe.types.js';
import type { StripeWorld } from './stripe.world.js';

/** What a test does in the customer's, the bank's and the operator's place. */
export type StripeControls = Omit<StripeSandbox, 'url' | 'close' | 'faults' | 'setWebhooks'>;

export function newControls(world: StripeWorld, queue: DeliveryQueue): StripeControls {
  /** What is due happens first, so that nobody pays an expired session. Answers are copies. */
  const act = async <T>(change: () => T): Promise<T> => {
    playDue(world);
    return structuredClone(change());
  };
  const onSession = <T extends object>(id: string, change: (record: SessionRecord) => T) =>
    act(() => {
      const record = world.session(id);
      const result = change(record);
      return { ...viewOf(world, record), ...result };
    });
  return {
    ...newCardControls(world, act),
    ...newBillingControls(world, act),
    payWithCard: (id, entry = {}) =>
      onSession(id, (record) => {
        const card = cardByNumber(entry.number ?? DEFAULT_CARD);
        return { outcome: payByCard(world, record, { card, installments: entry.installments }) };
      }),
    answerChallenge: (id, approves) =>
      onSession(id, (record) => ({ outcome: answerForSession(world, record, approves) })),
    issueVoucher: (id) => onSession(id, (record) => done(issueVoucher(world, record))),
    payVoucher: (id) => onSession(id, (record) => done(payVoucher(world, record))),
    startTransfer: (id) => onSession(id, (record) => done(startTransfer(world, record))),
    receiveTransfer: (id, amount) =>
      onSession(id, (record) => ({ outcome: receiveTransfer(world, record, amount) })),
    startDebit: (id) => onSession(id, (record) => done(startDebit(world, record))),
    settleDebit: (id, pays) => onSession(id, (record) => done(settleDebit(world, record, pays))),
    expire: (id) => act(() => expireSession(world, world.session(id))),
    capture: (id, amount) => act(() => captureIntent(world, world.intent(id), amount)),
    refund: (id, amount) => act(() => refundCharge(world, world.charge(id), { amount })),
    settleRefund: (id, outcome) => act(() => settleRefund(world, world.refund(id), outcome)),
    openDispute: (id, request = {}) => act(() => openDispute(world, world.charge(id), request)),
    escalateInquiry: (id) => act(() => escalateInquiry(world, world.dispute(id))),
    closeDispute: (id, outcome) => act(() => closeDispute(world, world.dispute(id), outcome)),
    updateCustomer: (id, fields) => act(() => updateCustomer(world, world.customer(id), fields)),
    legacySession: (request) => act(() => createLegacySession(world, request)),
    openLink: (visit) => act(() => openLink(world, visit)),
    redeemFully: (id) =>
      act(() => {
        const record = world.session(id);
        requireOpen(record);
        takeEverythingOff(record);
        completeSession(world, record, false, { email: null, name: null });
        return record.session;
      }),
    setEnvelope: (envelope) => {
      world.log.envelope = envelope;
    },
    setPayload: (payload) => {
      world.log.payload = payload;
    },
    delivery: {
      switches: queue.switches,
      set: (changes) => queue.set(changes),
      settled: () => queue.settled(),
      get log() {
        return queue.log;
      },
      resend: (eventId) => {
        const event = world.log.events.find(({ id }) => id === eventId);
        if (!event) throw missing('event', eventId);
        world.log.send(world.log.current(event));
      },
    },
    events: world.log.events,
    advance: async (seconds) => {
      world.clock.advance(seconds);
      playDue(world);
    },
    state: () => stateOf(world),
  };
}

function viewOf(world: StripeWorld, { session }: SessionRecord): PaymentView {
  const paymentIntent = session.payment_intent ? world.intent(session.payment_intent).intent : null;
  const charge = paymentIntent?.latest_charge ? world.charge(paymentIntent.latest_charge) : null;
  return { session, paymentIntent, charge };
}

/** For changes whose result is seen in the session itself. */
function done(_result: unknown): object {
  return {};
}
