import type { DeliveryQueue } from '../delivery.queue.js';
import { DEFAULT_CARD } from './card.numbers.js';
import type { CheckoutActs } from './checkout.acts.js';
import { notFound } from './conekta.errors.js';
import type { ConektaSandbox, OrderRef } from './conekta.sandbox.types.js';
import { newPanel } from './conekta.panel.js';
import { stateOf } from './conekta.state.js';
import type { Order } from './conekta.types.js';
import type { ConektaWorld, OrderRecord } from './conekta.world.js';
import { captureOrder, cancelOrder, expireOrder, refundHold } from './moves/order.ends.js';
import {
  blockCard,
  setCardOutcome,
  answerChallenge,
  closeReview,
  startReview,
} from './moves/card.payment.js';
import { closeChargeback, openChargeback, updateChargeback } from './moves/chargeback.moves.js';
import { updateCustomer } from './moves/customer.moves.js';
import { playDue } from './moves/due.moves.js';
import { orderBehind, alterOrder } from './moves/order.create.js';
import { refundOrder } from './moves/refund.moves.js';
import { payWaiting } from './moves/waiting.payment.js';

/** What a test does in the customer's, the bank's and the operator's place. */
export type ConektaControls = Omit<
  ConektaSandbox,
  'url' | 'close' | 'faults' | 'setWebhooks' | 'privateKey' | 'publicKey' | 'acts'
>;

const NAME = 'Ana Prueba';
const SHOPS: Parameters<typeof payWaiting>[2]['by'] = ['cash_payment', 'bnpl_payment', 'pay_by_bank_payment'];

export function newControls(world: ConektaWorld, queue: DeliveryQueue, acts: CheckoutActs): ConektaControls {
  /** What is due happens first, so that nobody pays an expired order. Answers are copies. */
  const act = async <T>(change: () => T): Promise<T> => {
    playDue(world);
    return structuredClone(change());
  };
  const onOrder = (ref: OrderRef, change: (record: OrderRecord) => unknown): Promise<Order> =>
    act(() => {
      const record = recordOf(world, ref);
      change(record);
      return record.order;
    });
  const played = <T>(ref: OrderRef, play: (checkoutId: string) => T) =>
    act(() => {
      const { order } = recordOf(world, ref);
      if (!order.checkout) throw notFound('checkout of the order', order.id);
      const outcome = play(order.checkout.id);
      return { order, outcome };
    });
  return {
    get publicKeyPem() {
      return world.keys.signing?.public_key ?? '';
    },
    payWithCard: (ref, { number = DEFAULT_CARD, name = NAME, installments, language = 'es' } = {}) =>
      played(ref, (id) => acts.payByCard(id, { number, name, installments }, language)),
    answerChallenge: (ref, approves) =>
      act(() => {
        const record = recordOf(world, ref);
        const outcome = answerChallenge(world, record, { approves, language: 'es' });
        return { order: record.order, outcome };
      }),
    issueCash: async (ref) => (await played(ref, (id) => acts.issueCash(id))).order,
    issueTransfer: async (ref) => (await played(ref, (id) => acts.issueTransfer(id))).order,
    payVoucher: (ref, { late = false } = {}) =>
      onOrder(ref, (record) => payWaiting(world, record, { by: SHOPS, late })),
    receiveTransfer: (ref, { late = false } = {}) =>
      onOrder(ref, (record) => payWaiting(world, record, { by: ['bank_transfer_payment'], late })),
    expire: (ref) => onOrder(ref, (record) => expireOrder(world, record)),
    cancel: (ref) => onOrder(ref, (record) => cancelOrder(world, record)),
    capture: (ref, amount) => onOrder(ref, (record) => captureOrder(world, record, amount)),
    refundHold: (ref) => onOrder(ref, (record) => refundHold(world, record)),
    refund: (ref, amount) => onOrder(ref, ({ order }) => refundOrder(world, order, amount)),
    openChargeback: (ref, reason) => act(() => openChargeback(world, recordOf(world, ref).order, reason)),
    updateChargeback: (ref) => act(() => updateChargeback(world, recordOf(world, ref).order)),
    closeChargeback: (ref, outcome) => act(() => closeChargeback(world, recordOf(world, ref).order, outcome)),
    startFraudReview: (ref) => onOrder(ref, (record) => startReview(record)),
    closeFraudReview: (ref, outcome) => onOrder(ref, (record) => closeReview(world, record, outcome)),
    alterOrder: (ref, changes) => onOrder(ref, ({ order }) => alterOrder(order, changes)),
    updateCustomer: (id, fields) =>
      act(() => {
        const customer = world.customer(id);
        updateCustomer(world, customer, fields);
        return customer;
      }),
    setCardOutcome: (sourceId, code) => act(() => setCardOutcome(world, sourceId, code)),
    blockCard: (sourceId) => act(() => blockCard(world, sourceId)),
    panel: newPanel(world, act),
    setPages: (changes) => {
      world.pages = { ...world.pages, ...changes };
    },
    emit: (type, object, { livemode } = {}) => {
      const data = object === undefined ? pingData(world) : { object, previous_attributes: {} };
      return structuredClone(world.log.add(type, structuredClone(data), { livemode }));
    },
    rotateKey: ({ keepOld = false } = {}) => {
      const earlier = [...world.keys.all];
      const key = world.keys.add(true);
      if (!keepOld) for (const { id } of earlier) world.keys.setActive(id, false);
      return structuredClone(key);
    },
    get keys() {
      return structuredClone(world.keys.all);
    },
    sign: (body) => {
      const digest = world.keys.sign(Buffer.from(body));
      if (digest === undefined) throw notFound('active webhook key', '');
      return digest;
    },
    delivery: {
      switches: queue.switches,
      set: (changes) => queue.set(changes),
      settled: () => queue.settled(),
      get log() {
        return queue.log;
      },
      resend: (eventId) => world.log.resend(eventId),
    },
    events: world.log.events,
    advance: async (seconds) => {
      world.clock.advance(seconds);
      playDue(world);
    },
    state: () => stateOf(world),
  };
}

/** By the order's id or by its checkout's; a payment link gets its order now. */
function recordOf(world: ConektaWorld, ref: OrderRef): OrderRecord {
  const found = world.checkouts.get(ref);
  return found ? orderBehind(world, found) : world.order(ref);
}

function pingData(world: ConektaWorld): Record<string, unknown> {
  return { livemode: world.options.livemode, action: 'ping' };
}
