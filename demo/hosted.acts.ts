import { CABLES, DESK, LAMP } from './baskets.js';
import { expectThat } from './demo.failure.js';
import { beRefused, openPaymentPage, payOnPage } from './hosted.scenes.js';
import type { Purchase } from './purchase.js';
import type { Scenes } from './scenes.js';
import { until } from './until.js';

const GOOD_CARD = '4242 4242 4242 4242';
const OTHER_GOOD_CARD = '5555 5555 5555 4444';
const REFUSED_CARD = '4000 0000 0000 0002';

export async function customerPays(scenes: Scenes): Promise<void> {
  scenes.terminal.heading('1. A customer pays');
  const purchase = await scenes.order(DESK, [
    'the orders service asks for create.payment.session over NATS,',
    'gets the address of a payment page, and hands it to the shop',
  ]);
  const customer = await openPaymentPage(scenes, purchase);
  await payOnPage(scenes, customer, GOOD_CARD);
  await scenes.webhooks(purchase);
  await scenes.paymentSucceeded(purchase);
  await scenes.eventsArrive(purchase);
  await scenes.orderPaid(purchase);
}

export async function cardIsDeclinedFirst(scenes: Scenes): Promise<void> {
  scenes.terminal.heading('2. A card is declined, another one pays');
  const purchase = await scenes.order(LAMP);
  const customer = await openPaymentPage(scenes, purchase);
  const { version } = await purchase.payment();
  await beRefused(scenes, customer, REFUSED_CARD);
  await scenes.webhooksMeanwhile(purchase);
  await scenes.terminal.step(
    'the payment is looked at',
    () => refusalRecorded(purchase, version),
    () => ({ text: 'Not the end: the payment stays open, the order PENDING' }),
  );
  await payOnPage(scenes, customer, OTHER_GOOD_CARD);
  await scenes.webhooks(purchase);
  await scenes.paymentSucceeded(purchase);
  await scenes.orderPaid(purchase);
}

export async function natsIsAway(scenes: Scenes): Promise<void> {
  const { cast, terminal } = scenes;
  terminal.heading('3. NATS is killed while a customer pays');
  const purchase = await scenes.order(CABLES);
  const customer = await openPaymentPage(scenes, purchase);
  await terminal.step(
    'nats-server is killed',
    async () => {
      await cast.nats.kill();
      await natsMissing(scenes, true);
    },
    () => ({ text: 'kill -9 nats-server; /health/ready stays 200 and says what is away' }),
  );
  await cast.stripe.sendWebhooks(2);
  await payOnPage(scenes, customer, GOOD_CARD);
  await scenes.webhooks(purchase);
  await scenes.paymentSucceeded(purchase);
  await terminal.step(
    'the order is looked at',
    () => purchase.staysPending(),
    () => ({ text: 'Order still PENDING: its events wait in the outbox' }),
  );
  await cast.stripe.sendWebhooks(1);
  await terminal.step(
    'nats-server is started again',
    () => cast.nats.restart(),
    () => ({ text: 'nats-server is back' }),
  );
  await terminal.step(
    'the events leave the outbox',
    () => purchase.paidWithReceipt(),
    (receipt) => ({
      text: terminal.style('bold', 'Order PAID, with its receipt: nothing was lost'),
      details: [receipt],
    }),
  );
  await natsMissing(scenes, false);
}

async function refusalRecorded(purchase: Purchase, versionBefore: number): Promise<void> {
  const payment = await until({
    what: 'the refusal to be recorded',
    read: () => purchase.payment(),
    holds: ({ version }) => version > versionBefore,
  });
  expectThat(payment.status === 'created', `after a declined card the payment is ${payment.status}`);
  await purchase.staysPending();
}

async function natsMissing({ cast }: Scenes, missing: boolean): Promise<void> {
  await until({
    what: `/health/ready to say that NATS is ${missing ? 'away' : 'there'}`,
    read: () => cast.payments.degraded(),
    holds: (degraded) => degraded.includes('nats') === missing,
  });
}
