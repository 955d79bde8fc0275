import { randomUUID } from 'node:crypto';
import { expectThat } from './demo.failure.js';
import type { Payment } from './payments.client.js';
import type { Scenes } from './scenes.js';
import type { StreamEvent } from './stream.client.js';
import type { Subscriber } from './subscriber.js';
import { inMajor } from './subscription.scenes.js';
import { webhooksTaken } from './webhooks.step.js';

const MUG = { currency: 'mxn', items: [{ name: 'Coffee mug', price: 149, quantity: 1 }] };

/** A charge without a page, and its repeat. @param months that the customer has paid before */
export async function chargeSavedCard(
  { cast, terminal }: Scenes,
  subscriber: Subscriber,
  months: number,
): Promise<void> {
  const key = randomUUID();
  const charge = (): Promise<Payment> => cast.billing.charge(subscriber.customerId, MUG, key);
  const first = await terminal.step(
    'the saved card is charged',
    async () => {
      const payment = await charge();
      const isPaid = payment.status === 'succeeded' && payment.amount === 14_900;
      expectThat(isPaid, `the charge is ${payment.status}, of ${payment.amount}`);
      await webhooksTaken(cast.conekta);
      await announced(subscriber, payment);
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
      await announced(subscriber, first);
      await subscriber.hasPaidAtProvider(months + 1);
    },
    () => ({ text: 'The same request again, with its Idempotency-Key: one payment, one charge' }),
  );
}

/** Once, however often the provider told of it. */
async function announced({ stream }: Subscriber, { paymentId }: Payment): Promise<void> {
  const ofIt = ({ type, data }: StreamEvent): boolean =>
    type === 'payment.succeeded' && data.paymentId === paymentId;
  const [event] = await stream.next(ofIt, 0, ['payment.succeeded']);
  const { orderId, subscriptionId } = event?.data ?? {};
  const isOnItsOwn = orderId === null && subscriptionId === null;
  expectThat(isOnItsOwn, `the charge was announced as ${JSON.stringify(event?.data)}`);
}
