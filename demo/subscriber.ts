import type { Plan, Subscription } from './billing.client.js';
import { expectThat } from './demo.failure.js';
import type { Cast } from './demo.house.js';
import type { StreamEvent } from './stream.client.js';
import { StreamReader } from './stream.reader.js';
import { until } from './until.js';
import { webhooksTaken } from './webhooks.step.js';

/** What holds after a step. */
export interface Expected {
  readonly status: string;
  /** New on JetStream, in this order, and no others. */
  readonly events: readonly string[];
  /** Paid so far. */
  readonly months: number;
}

/** One subscription. Every method does what it says and checks what came of it. */
export class Subscriber {
  private eventCount = 0;

  private constructor(
    readonly cast: Cast,
    readonly stream: StreamReader,
    private readonly begun: Subscription,
    private readonly plan: Plan,
  ) {}

  /** Over HTTP, with the customer's default card. */
  static async begin(cast: Cast, customerId: string, plan: Plan): Promise<Subscriber> {
    const stream = await StreamReader.fromNowOn(cast.stream);
    return new Subscriber(cast, stream, await cast.billing.subscribe(customerId, plan.planId), plan);
  }

  get customerId(): string {
    return this.begun.customerId;
  }

  now(): Promise<Subscription> {
    return this.cast.billing.findSubscription(this.begun.subscriptionId);
  }

  /** Over HTTP. */
  async command(verb: 'pause' | 'resume' | 'cancel'): Promise<void> {
    await this.cast.billing.command(this.begun.subscriptionId, verb);
  }

  /** What the bank says to the card from now on. @param code null: it pays */
  async bankSays(code: string | null): Promise<void> {
    await this.cast.conekta.bankSays(this.begun.providerIds.subscription ?? '', code);
  }

  /** Waits for the webhooks under way and for what they lead to. @returns the new events */
  async comesTo({ status, events, months }: Expected): Promise<StreamEvent[]> {
    await webhooksTaken(this.cast.conekta);
    await until({
      what: `the subscription to be ${status}`,
      read: () => this.now(),
      holds: (subscription) => subscription.status === status,
    });
    const heard = await this.hears(events);
    await this.hasPaid(months);
    return heard;
  }

  /** @throws DemoFailure unless each of so many months is one payment, and paid */
  async hasPaid(months: number): Promise<void> {
    const { periods = [] } = await this.now();
    const paid = periods.filter(({ paidAt }) => paidAt !== null).map(({ paymentId }) => paymentId);
    expectThat(paid.length === months, `${paid.length} months are paid, not ${months}`);
    const payments = await this.cast.payments.ofSubscription(this.begun.subscriptionId);
    const succeeded = payments.filter(({ status }) => status === 'succeeded');
    const isEach = succeeded.every(
      ({ paymentId, amount }) => paid.includes(paymentId) && amount === this.plan.amount,
    );
    const isOnce = new Set(paid).size === months && succeeded.length === months;
    expectThat(
      isEach && isOnce && payments.length === periods.length,
      `${months} months are not ${months} payments: ${JSON.stringify({ periods, payments })}`,
    );
  }

  /**
   * By the provider's own count, for which no event of ours was needed.
   * @throws DemoFailure unless it was paid so many times
   */
  async hasPaidAtProvider(times: number): Promise<void> {
    const { name } = this.cast.conekta;
    const count = await this.cast.conekta.paidOrdersOf(this.begun.providerIds.customer ?? '');
    expectThat(count === times, `the customer has paid ${count} times at ${name}, not ${times}`);
  }

  /** @throws DemoFailure unless these are the next events on JetStream, and all that there are */
  async hears(types: readonly string[]): Promise<StreamEvent[]> {
    const ofIt = ({ type, data }: StreamEvent): boolean =>
      type.startsWith('subscription.') && data.subscriptionId === this.begun.subscriptionId;
    const heard = await this.stream.next(ofIt, this.eventCount, types);
    this.eventCount += heard.length;
    return heard;
  }
}
