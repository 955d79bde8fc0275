import { chargeSavedCard } from './charge.scenes.js';
import { expectThat } from './demo.failure.js';
import type { Scenes } from './scenes.js';
import type { StreamEvent } from './stream.client.js';
import type { Subscriber } from './subscriber.js';
import {
  happens,
  makePlan,
  newCustomer,
  nextMonth,
  nextTry,
  saveCard,
  subscribe,
} from './subscription.scenes.js';

/** That are paid until the end. */
export const MONTHS = 3;
const GOOD_CARD = '4242 4242 4242 4242';
/** More than the trial. */
const DAYS_UNTIL_CHARGED = 8;

/** @returns the subscription, which has ended */
export async function subscriptionLives(scenes: Scenes): Promise<Subscriber> {
  scenes.terminal.heading("6. A subscription's life, in seconds");
  const plan = await makePlan(scenes);
  const registered = await newCustomer(scenes);
  await saveCard(scenes, registered, GOOD_CARD);
  const subscriber = await subscribe(scenes, registered.customer, plan);
  await monthsArePaid(scenes, subscriber);
  await bankDeclines(scenes, subscriber);
  await customerDecides(scenes, subscriber);
  await chargeSavedCard(scenes, subscriber, MONTHS);
  return subscriber;
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
    work: nextMonth,
    leadsTo: { status: 'active', events: ['subscription.renewed'], months: 2 },
  });
}

async function bankDeclines(scenes: Scenes, subscriber: Subscriber): Promise<void> {
  const [failed] = await happens(scenes, subscriber, {
    doing: 'the bank declines',
    text: 'For month 3 the bank declines the card: past_due',
    work: async () => {
      await subscriber.bankSays('insufficient_funds');
      await nextMonth(subscriber);
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
      await nextTry(subscriber);
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
