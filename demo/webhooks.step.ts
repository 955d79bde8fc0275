import { expectThat } from './demo.failure.js';
import type { Delivery, ProviderClient } from './provider.client.js';
import { inLines, type Told } from './terminal.js';

/** Waits for the webhooks under way: every one must have been answered 200 at the first attempt. */
export async function webhooksTaken(provider: ProviderClient): Promise<Delivery[]> {
  const deliveries = await provider.newDeliveries();
  expectThat(deliveries.length > 0, 'no webhook was sent');
  const refused = deliveries.find(({ status, attempt }) => status !== 200 || attempt !== 1);
  expectThat(refused === undefined, `a webhook was not taken: ${JSON.stringify(refused)}`);
  return deliveries;
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
