import type { Plan, Subscription, SubscriptionVerb } from './clients.js';
import { expectThat, until } from './demo.failure.js';
import type { Cast } from './demo.house.js';
import { type StreamEvent, StreamReader } from './stream.client.js';

/** What holds after a step. */
interface Expected {
  readonly status: string;
  /** New on JetStream, in this order, and no others. */
  readonly events: readonly string[];
  /** Paid so far. */
  readonly months: number;
}

export interface Happening {
  readonly doing: string;
  readonly text: string;
  readonly work: () => Promise<void>;
  readonly leadsTo: Expected;
  /** Of what JetStream told. @throws DemoFailure */
  readonly check?: (events: readonly StreamEvent[]) => void;
}

/** One subscription. Every method does what it says and checks what came of it. */
export class Subscriber {
  private eventCount = 0;

  private constructor(
    private readonly cast: Cast,
    private readonly stream: StreamReader,
    private readonly begun: Subscription,
    private readonly plan: Plan,
  ) {}

  /** Over HTTP, with the customer's default card. */
  static async begin(cast: Cast, customerId: string, plan: Plan): Promise<Subscriber> {
    const stream = await StreamReader.fromNowOn(cast.stream);
    return new Subscriber(cast, stream, await cast.payments.subscribe(customerId, plan.planId), plan);
  }

  get customerId(): string {
    return this.begun.customerId;
  }

  /** Over HTTP. */
  async command(verb: SubscriptionVerb): Promise<void> {
    await this.cast.payments.command(this.begun.subscriptionId, verb);
  }

  /** What the bank says to the card from now on. @param code null: it pays */
  async bankSays(code: string | null): Promise<void> {
    await this.cast.conekta.bankSays(this.begun.providerIds.subscription ?? '', code);
  }

  /** The provider's clock goes on to the end of the month that is paid. */
  async nextMonth(): Promise<void> {
    await this.cast.conekta.passTimeUntil(new Date((await this.now()).currentPeriodEnd ?? ''));
  }

  /** The provider's clock goes on to the next try. */
  async nextTry(): Promise<void> {
    await this.cast.conekta.passTimeUntil(new Date((await this.now()).nextAttemptAt ?? ''));
  }

  /** @returns the new events */
  async goesThrough({ work, leadsTo, check }: Happening): Promise<StreamEvent[]> {
    await work();
    const events = await this.comesTo(leadsTo);
    check?.(events);
    return events;
  }

  /** Waits for the webhooks under way and for what they lead to. @returns the new events */
  async comesTo({ status, events, months }: Expected): Promise<StreamEvent[]> {
    await this.cast.conekta.webhooksTaken();
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

  /** Of a charge on its own: once, however often the provider told of it. @throws DemoFailure */
  async hearsOfCharge(paymentId: string): Promise<void> {
    const ofIt = ({ type, data }: StreamEvent): boolean =>
      type === 'payment.succeeded' && data.paymentId === paymentId;
    const [event] = await this.stream.next(ofIt, 0, ['payment.succeeded']);
    const { orderId, subscriptionId } = event?.data ?? {};
    const isOnItsOwn = orderId === null && subscriptionId === null;
    expectThat(isOnItsOwn, `the charge was announced as ${JSON.stringify(event?.data)}`);
  }

  private now(): Promise<Subscription> {
    return this.cast.payments.findSubscription(this.begun.subscriptionId);
  }
}
