import { expectThat } from './demo.failure.js';
import { inLines, type Told } from './terminal.js';
import { getJson, postJson } from './web.js';

export interface Delivery {
  readonly type: string;
  readonly attempt: number;
  /** 1 for the original, more for copies. */
  readonly copy: number;
  readonly status: number | null;
}

/** What the demo reads of what the stand-in Conekta has. */
interface ConektaState {
  /** Seconds since the epoch, by its own clock. */
  readonly now: number;
  readonly orders: readonly {
    readonly payment_status: string;
    readonly customer_info: { readonly customer_id?: string };
  }[];
  readonly subscriptions: readonly { readonly id: string; readonly card_id: string }[];
}

const DAY_SECONDS = 24 * 60 * 60;

/** A stand-in provider's controls. */
export class ProviderClient {
  private seen = 0;
  private secondsAhead = 0;

  constructor(
    /** As people write it. */
    readonly name: string,
    readonly url: string,
  ) {}

  /** Every webhook from now on is sent so many times. */
  async sendWebhooks(times: number): Promise<void> {
    await this.control('delivery', { duplicate: times });
  }

  /**
   * Waits until no webhook is on its way. @returns the attempts since the last call, oldest first
   * @throws DemoFailure unless there are some, each answered 200 at the first attempt
   */
  async webhooksTaken(): Promise<Delivery[]> {
    await this.control('delivery/settled');
    const { data } = await getJson<{ data: Delivery[] }>(`${this.url}/_sandbox/deliveries`);
    const deliveries = data.slice(this.seen, (this.seen = data.length));
    expectThat(deliveries.length > 0, 'no webhook was sent');
    const refused = deliveries.find(({ status, attempt }) => status !== 200 || attempt !== 1);
    expectThat(refused === undefined, `a webhook was not taken: ${JSON.stringify(refused)}`);
    return deliveries;
  }

  /** The provider's clock goes on at once. */
  async passTime(days: number): Promise<void> {
    await this.advance(days * DAY_SECONDS);
  }

  /** Its clock goes on to a minute after this moment. */
  async passTimeUntil(moment: Date): Promise<void> {
    const { now } = await this.state();
    await this.advance(Math.ceil(moment.getTime() / 1_000) + 60 - now);
  }

  /** Its clock shows the time of this machine again. */
  async returnToToday(): Promise<void> {
    await this.advance(-this.secondsAhead);
  }

  /** What the bank says to the subscription's card from now on. @param code null: it pays */
  async bankSays(subscriptionId: string, code: string | null): Promise<void> {
    const { subscriptions } = await this.state();
    const card = subscriptions.find(({ id }) => id === subscriptionId)?.card_id;
    await this.control(`sources/${card}/outcome`, { code });
  }

  /** How many orders this customer has paid, by the provider's own count. */
  async paidOrdersOf(customerId: string): Promise<number> {
    const { orders } = await this.state();
    const own = orders.filter(({ customer_info: { customer_id } }) => customer_id === customerId);
    return own.filter(({ payment_status }) => payment_status === 'paid').length;
  }

  /** A shop takes the money for what was issued in this checkout. */
  async takeCash(checkoutId: string): Promise<void> {
    await postJson(this.cashUrl(checkoutId));
  }

  /** A POST there is the shop taking the money. */
  cashUrl(checkoutId: string): string {
    return `${this.url}/_sandbox/orders/${checkoutId}/voucher/pay`;
  }

  private async advance(seconds: number): Promise<void> {
    this.secondsAhead += seconds;
    await this.control('clock', { advanceSeconds: seconds });
  }

  private state(): Promise<ConektaState> {
    return getJson(`${this.url}/_sandbox/state`);
  }

  private async control(path: string, body: object = {}): Promise<void> {
    await postJson(`${this.url}/_sandbox/${path}`, body);
  }
}

/** `3 signed webhooks …`, with their types. */
export function tellWebhooks(deliveries: readonly Delivery[]): Told {
  const types = [...new Set(deliveries.map(({ type }) => type))];
  const copies = Math.max(...deliveries.map(({ copy }) => copy));
  const sent = copies > 1 ? `, each sent ${copies} times` : '';
  return {
    text: `${deliveries.length / copies} signed webhooks${sent}: stored, then answered 200`,
    details: inLines(types),
  };
}
