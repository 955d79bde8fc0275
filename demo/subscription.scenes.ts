import { ANA } from './baskets.js';
import type { CardForm, Customer, Plan } from './billing.client.js';
import { CardCustomer } from './card.customer.js';
import { expectThat } from './demo.failure.js';
import type { Scenes } from './scenes.js';
import type { StreamEvent } from './stream.client.js';
import { type Expected, Subscriber } from './subscriber.js';
import { inLines, type Told } from './terminal.js';

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

export function makePlan({ cast, terminal }: Scenes): Promise<Plan> {
  return terminal.step(
    'the shop makes a plan',
    async () => {
      const plan = await cast.billing.createPlan(TERMS);
      const isAsAsked = plan.active && plan.amount === TERMS.price * 100;
      expectThat(isAsAsked, `the plan is ${JSON.stringify(plan)}`);
      return plan;
    },
    ({ name, amount, currency }) => ({
      text: `A plan over HTTP: ${name}, ${inMajor(amount)} ${currency} a month, ${TERMS.trialDays} days free`,
    }),
  );
}

export function newCustomer({ cast, terminal }: Scenes): Promise<{ customer: Customer; form: CardForm }> {
  return terminal.step(
    'the shop makes a customer',
    async () => {
      const { billing } = cast;
      const customer = await billing.createCustomer({ ...ANA, provider: TERMS.provider });
      return { customer, form: await billing.openCardForm(customer.customerId) };
    },
    ({ customer }) => ({
      text: `Customer ${customer.customerId.slice(0, 8)} over HTTP, and a form for a card`,
    }),
  );
}

export async function saveCard(
  { cast, terminal }: Scenes,
  { customer: { customerId }, form }: { customer: Customer; form: CardForm },
  number: string,
): Promise<void> {
  const visitor = await terminal.step(
    'the customer opens our page',
    () => CardCustomer.open(form, cast.payments.url),
    ({ headline, button }) => ({
      text: `The customer opens our page: “${headline}”`,
      details: [`the form in it is ${cast.conekta.name}'s, in a frame: “${button}”`],
    }),
  );
  await terminal.step(
    `the customer types ${number} in the frame`,
    async () => {
      const said = await visitor.save(number, ANA.name);
      const [card] = (await cast.billing.findCustomer(customerId)).paymentSources;
      const isKept = card?.default === true && card.last4 === number.slice(-4);
      expectThat(isKept, `the customer's card is ${JSON.stringify(card)}`);
      return { ...said, card };
    },
    ({ frame, result, card }) => ({
      text: `Types ${number} in the frame, which says: “${frame}”`,
      details: [
        'our page hands this service a token; the number never comes here',
        `our page: “${result}”, ${card.brand} ending in ${card.last4}`,
      ],
    }),
  );
}

/** The subscription begins in its trial. */
export function subscribe({ cast, terminal }: Scenes, customer: Customer, plan: Plan): Promise<Subscriber> {
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

interface Happening {
  readonly doing: string;
  readonly text: string;
  readonly work: (subscriber: Subscriber) => Promise<void>;
  readonly leadsTo: Expected;
  /** Of what JetStream told. @throws DemoFailure */
  readonly check?: (events: readonly StreamEvent[]) => void;
}

/** Something happens to the subscription, and everybody hears of it. */
export async function happens(
  { terminal }: Scenes,
  subscriber: Subscriber,
  { doing, text, work, leadsTo, check }: Happening,
): Promise<StreamEvent[]> {
  return terminal.step(
    doing,
    async () => {
      await work(subscriber);
      const events = await subscriber.comesTo(leadsTo);
      check?.(events);
      return events;
    },
    (events): Told => ({
      text,
      details: inLines(events.map(toldByStream)).map((line) => `JetStream: ${line}`),
    }),
  );
}

/** The provider's clock goes on to the end of the month that is paid. */
export async function nextMonth(subscriber: Subscriber): Promise<void> {
  const { currentPeriodEnd } = await subscriber.now();
  await subscriber.cast.conekta.passTimeUntil(new Date(currentPeriodEnd ?? ''));
}

/** The provider's clock goes on to the next try. */
export async function nextTry(subscriber: Subscriber): Promise<void> {
  const { nextAttemptAt } = await subscriber.now();
  await subscriber.cast.conekta.passTimeUntil(new Date(nextAttemptAt ?? ''));
}

function toldByStream({ type, data }: StreamEvent): string {
  const { attempt, maxAttempts, nextAttemptAt, reason } = data;
  if (attempt !== undefined) {
    return `${type} (attempt ${attempt} of ${maxAttempts}, next ${nextAttemptAt?.slice(0, 10)})`;
  }
  return type === 'subscription.canceled' ? `${type} (${reason})` : type;
}

/** `299.00` of minor units. */
export function inMajor(amount: number): string {
  return (amount / 100).toFixed(2);
}
