import { getJson, postJson } from './http.client.js';

export interface Delivery {
  readonly type: string;
  readonly attempt: number;
  /** 1 for the original, more for copies. */
  readonly copy: number;
  readonly status: number | null;
}

/** A stand-in provider's controls. */
export class ProviderClient {
  private seen = 0;

  constructor(
    /** As people write it. */
    readonly name: string,
    readonly url: string,
  ) {}

  /** Every webhook from now on is sent so many times. */
  async sendWebhooks(times: number): Promise<void> {
    await this.control('delivery', { duplicate: times });
  }

  /** Waits until nothing is on its way. @returns the attempts since the last call, oldest first */
  async newDeliveries(): Promise<Delivery[]> {
    await this.control('delivery/settled');
    const { data } = await getJson<{ data: Delivery[] }>(`${this.url}/_sandbox/deliveries`);
    return data.slice(this.seen, (this.seen = data.length));
  }

  /** The provider's clock goes on at once. */
  async passTime(days: number): Promise<void> {
    await this.control('clock', { advanceSeconds: days * 24 * 60 * 60 });
  }

  /** A shop takes the money for what was issued in this checkout. */
  async takeCash(checkoutId: string): Promise<void> {
    await postJson(this.cashUrl(checkoutId));
  }

  /** A POST there is the shop taking the money. */
  cashUrl(checkoutId: string): string {
    return `${this.url}/_sandbox/orders/${checkoutId}/voucher/pay`;
  }

  private async control(path: string, body: object = {}): Promise<void> {
    await postJson(`${this.url}/_sandbox/${path}`, body);
  }
}
