import { randomUUID } from 'node:crypto';
import { GOOD_CARD } from './acts.js';
import { ANA } from './baskets.js';
import type { Customer, Payment, Plan } from './clients.js';
import { CardCustomer } from './customers.js';
import { expectThat } from './demo.failure.js';
import { inMajor, type Scenes } from './scenes.js';
import type { StreamEvent } from './stream.client.js';
import { type Happening, Subscriber } from './subscriber.js';
import { inLines } from './terminal.js';

/** That are paid until the end. */
export const MONTHS = 3;
/** More than the trial. */
const DAYS_UNTIL_CHARGED = 8;

const TERMS = {
  planId: 'coffee-club',
  name: 'Coffee club',
  price: 299,
  currency: 'mxn',
  interval: 'month',
  trialDays: 7,
  maxRetries: 3,
  retryDelayHours: 48,
  provider: 'conekta',
};
const MUG = { currency: 'mxn', items: [{ name: 'Coffee mug', price: 149, quantity: 1 }] };

/** @returns the subscription, which has ended */
export async function subscriptionLives(scenes: Scenes): Promise<Subscriber> {
  scenes.terminal.heading("6. A subscription's life, in seconds");
  const plan = await makePlan(scenes);
  const customer = await newCustomerWithCard(scenes);
  const subscriber = await subscribe(scenes, customer, plan);
  await monthsArePaid(scenes, subscriber);
  await bankDeclines(scenes, subscriber);
  await customerDecides(scenes, subscriber);
  await savedCardIsCharged(scenes, subscriber);
  return subscriber;
}

function makePlan({ cast, terminal }: Scenes): Promise<Plan> {
  return terminal.step(
    'the shop makes a plan',
    async () => {
      const plan = await cast.payments.createPlan(TERMS);
      const isAsAsked = plan.active && plan.amount === TERMS.price * 100;
      expectThat(isAsAsked, `the plan is ${JSON.stringify(plan)}`);
      return plan;
    },
    ({ name, amount, currency }) => ({
      text: `A plan over HTTP: ${name}, ${inMajor(amount)} ${currency} a month, ${TERMS.trialDays} days free`,
    }),
  );
}

async function newCustomerWithCard(scenes: Scenes): Promise<Customer> {
  const { cast, terminal } = scenes;
  const { payments, conekta } = cast;
  const { customer, form } = await terminal.step(
    'the shop makes a customer',
    async () => {
      const made = await payments.createCustomer({ ...ANA, provider: TERMS.provider });
      return { customer: made, form: await payments.openCardForm(made.customerId) };
    },
    ({ customer: { customerId } }) => ({
      text: `Customer ${customerId.slice(0, 8)} over HTTP, and a form for a card`,
    }),
  );
  const visitor = await scenes.openOurPage(() => CardCustomer.open(form, payments.url), conekta);
  await terminal.step(
    `the customer types ${GOOD_CARD} in the frame`,
    async () => {
      const said = await visitor.save(GOOD_CARD, ANA.name);
      const [card] = (await payments.findCustomer(customer.customerId)).paymentSources;
      const isKept = card?.default === true && card.last4 === GOOD_CARD.slice(-4);
      expectThat(isKept, `the customer's card is ${JSON.stringify(card)}`);
      return { ...said, card };
    },
    ({ frame, result, card }) => ({
      text: `Types ${GOOD_CARD} in the frame, which says: “${frame}”`,
      details: [
        'our page hands this service a token; the number never comes here',
        `our page: “${result}”, ${card.brand} ending in ${card.last4}`,
      ],
    }),
  );
  return customer;
}

/** The subscription begins in its trial. */
function subscribe({ cast, terminal }: Scenes, customer: Customer, plan: Plan): Promise<Subscriber> {
  return terminal.step(
    'the customer subscribes',
    async () => {
      const subscriber = await Subscriber.begin(cast, customer.customerId, plan);
      await subscriber.comesTo({ status: 'in_trial', events: ['subscription.created'], months: 0 });
      return subscriber;
    },
    () => ({
      text: 'Subscribes over HTTP: in_trial, nothing is charged',
      details: ['JetStream: subscription.created'],
    }),
  );
}

async function monthsArePaid(scenes: Scenes, subscriber: Subscriber): Promise<void> {
  const { conekta } = scenes.cast;
  await happens(scenes, subscriber, {
    doing: 'the trial ends',
    text: `${DAYS_UNTIL_CHARGED} days later, by ${conekta.name}'s clock, month 1 is paid: active`,
    work: () => conekta.passTime(DAYS_UNTIL_CHARGED),
    leadsTo: { status: 'active', events: ['subscription.activated'], months: 1 },
  });
  await happens(scenes, subscriber, {
    doing: 'a month passes',
    text: 'When that month is over, month 2 is paid',
    work: () => subscriber.nextMonth(),
    leadsTo: { status: 'active', events: ['subscription.renewed'], months: 2 },
  });
}

async function bankDeclines(scenes: Scenes, subscriber: Subscriber): Promise<void> {
  const [failed] = await happens(scenes, subscriber, {
    doing: 'the bank declines',
    text: 'For month 3 the bank declines the card: past_due',
    work: async () => {
      await subscriber.bankSays('insufficient_funds');
      await subscriber.nextMonth();
    },
    leadsTo: {
      status: 'past_due',
      events: ['subscription.payment_failed', 'subscription.past_due'],
      months: 2,
    },
    check: ([first]) => expectRetry(first),
  });
  await happens(scenes, subscriber, {
    doing: 'the charge is tried again',
    text: 'The card works again; the retry two days later pays month 3: active',
    work: async () => {
      await subscriber.bankSays(null);
      await subscriber.nextTry();
    },
    leadsTo: { status: 'active', events: ['subscription.renewed'], months: MONTHS },
    check: ([renewed]) =>
      expectThat(
        renewed?.data.paymentId === failed?.data.paymentId,
        'the retry paid another payment than the one that was declined',
      ),
  });
}

/** @throws DemoFailure unless it is the first of four, and the next one comes two days after it */
function expectRetry(failed: StreamEvent | undefined): void {
  const { attempt, maxAttempts, nextAttemptAt, occurredAt } = failed?.data ?? {};
  const hours = (Date.parse(nextAttemptAt ?? '') - Date.parse(occurredAt ?? '')) / 3_600_000;
  const isFirst = attempt === 1 && maxAttempts === 4 && hours === 48;
  expectThat(isFirst, `the declined attempt is ${JSON.stringify(failed?.data)}`);
}

async function customerDecides(scenes: Scenes, subscriber: Subscriber): Promise<void> {
  await happens(scenes, subscriber, {
    doing: 'the subscription is paused',
    text: 'Paused over HTTP',
    work: () => subscriber.command('pause'),
    leadsTo: { status: 'paused', events: ['subscription.paused'], months: MONTHS },
  });
  await happens(scenes, subscriber, {
    doing: 'the subscription goes on',
    text: 'Resumed: the month is paid, so nothing is charged',
    work: () => subscriber.command('resume'),
    leadsTo: { status: 'active', events: ['subscription.resumed'], months: MONTHS },
  });
  await happens(scenes, subscriber, {
    doing: 'the subscription is canceled',
    text: 'Canceled',
    work: () => subscriber.command('cancel'),
    leadsTo: { status: 'canceled', events: ['subscription.canceled'], months: MONTHS },
  });
}

/** A charge without a page, and its repeat. */
async function savedCardIsCharged({ cast, terminal }: Scenes, subscriber: Subscriber): Promise<void> {
  const key = randomUUID();
  const charge = (): Promise<Payment> => cast.payments.charge(subscriber.customerId, MUG, key);
  const first = await terminal.step(
    'the saved card is charged',
    async () => {
      const payment = await charge();
      const isPaid = payment.status === 'succeeded' && payment.amount === 14_900;
      expectThat(isPaid, `the charge is ${payment.status}, of ${payment.amount}`);
      await cast.conekta.webhooksTaken();
      await subscriber.hearsOfCharge(payment.paymentId);
      return payment;
    },
    ({ amount, status }) => ({
      text: `The saved card is charged ${inMajor(amount)} MXN, without a page: ${status}`,
      details: ['JetStream: payment.succeeded, of no order and of no subscription'],
    }),
  );
  await terminal.step(
    'the same request comes again',
    async () => {
      const { paymentId } = await charge();
      expectThat(paymentId === first.paymentId, 'the same Idempotency-Key gave another payment');
      await subscriber.hearsOfCharge(paymentId);
      await subscriber.hasPaidAtProvider(MONTHS + 1);
    },
    () => ({ text: 'The same request again, with its Idempotency-Key: one payment, one charge' }),
  );
}

/** Something happens to the subscription, and everybody hears of it. */
function happens({ terminal }: Scenes, subscriber: Subscriber, happening: Happening): Promise<StreamEvent[]> {
  return terminal.step(
    happening.doing,
    () => subscriber.goesThrough(happening),
    (events) => ({
      text: happening.text,
      details: inLines(events.map(toldByStream)).map((line) => `JetStream: ${line}`),
    }),
  );
}

function toldByStream({ type, data }: StreamEvent): string {
  const { attempt, maxAttempts, nextAttemptAt, reason } = data;
  if (attempt !== undefined) {
    return `${type} (attempt ${attempt} of ${maxAttempts}, next ${nextAttemptAt?.slice(0, 10)})`;
  }
  return type === 'subscription.canceled' ? `${type} (${reason})` : type;
}
