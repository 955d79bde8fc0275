import { Injectable } from '@nestjs/common';
import { Clock } from '../kernel/clock.js';
import { ServiceError } from '../kernel/errors.js';
import type { PaymentProvider } from '../providers/provider.port.js';
import type { WebhookEvent } from '../providers/webhook.ports.js';
import { type KeySet, WebhookKeys } from './endpoint/webhook.keys.js';

/** A delivery as it came over the wire. */
export interface Delivery {
  body: Uint8Array;
  /** Name and value alternating. */
  rawHeaders: readonly string[];
  /** Of the URL, without its question mark. */
  query: string;
}

/** Says whether a delivery is authentic, by the environment's keys and by those of registered endpoints. */
@Injectable()
export class WebhookVerifier {
  constructor(
    private readonly keys: WebhookKeys,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws ServiceError signature_invalid, invalid_request; the database's failure when a registered key that we
   * could not read may have signed it: the provider must send it again then.
   */
  async verify(provider: PaymentProvider, delivery: Delivery): Promise<WebhookEvent> {
    const tried = await this.keys.of(provider.name);
    try {
      return await this.withKeys(provider, delivery, tried);
    } catch (error) {
      if (!isNotAuthentic(error)) throw error;
      // Another process may have registered or rotated since we looked.
      const later = await this.keys.ofLater(provider.name, tried);
      if (later.failure !== undefined) throw later.failure;
      if (later === tried) throw error;
      return this.withKeys(provider, delivery, later);
    }
  }

  private async withKeys(
    provider: PaymentProvider,
    delivery: Delivery,
    { keys }: KeySet,
  ): Promise<WebhookEvent> {
    return provider.verify({ ...delivery, now: this.clock.now(), registeredKeys: keys });
  }
}

function isNotAuthentic(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'signature_invalid';
}
