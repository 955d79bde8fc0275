import { getJson, postJson } from './http.client.js';

export interface Delivery {
  readonly type: string;
  readonly attempt: number;
  /** 1 for the original, more for copies. */
  readonly copy: number;
  readonly status: number | null;
}

/** The stand-in provider's controls. */
export class ProviderClient {
  private seen = 0;

  constructor(readonly url: string) {}

  /** Every webhook from now on is sent so many times. */
  async sendWebhooks(times: number): Promise<void> {
    await postJson(`${this.url}/_sandbox/delivery`, { duplicate: times });
  }

  /** Waits until nothing is on its way. @returns the attempts since the last call, oldest first */
  async newDeliveries(): Promise<Delivery[]> {
    await postJson(`${this.url}/_sandbox/delivery/settled`);
    const { data } = await getJson<{ data: Delivery[] }>(`${this.url}/_sandbox/deliveries`);
    return data.slice(this.seen, (this.seen = data.length));
  }
}
