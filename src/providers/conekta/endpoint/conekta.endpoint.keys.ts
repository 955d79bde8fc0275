import { ProviderError } from '../../provider.errors.js';
import type { Outcome } from '../../provider.port.js';
import type { VerificationKey } from '../../webhook.endpoints.js';
import type { ConektaEndpointCalls } from '../conekta.client.js';
import { orInDoubt } from '../conekta.doubt.js';
import { unusableAnswer } from '../conekta.errors.js';
import { listKeys, readKey, type WebhookKey } from './conekta.endpoint.records.js';

/**
 * Makes a key. Keys belong to the account, and the newest one signs for every endpoint: one that was made while
 * its answer was lost is looked for, since nothing could be verified without it.
 */
export async function makeKey(client: ConektaEndpointCalls): Promise<Outcome<WebhookKey>> {
  const before = new Set((await listKeys(client)).map(({ remoteId }) => remoteId));
  const answer = await client.write({ method: 'POST', path: '/webhook_keys', body: { active: true } });
  const made = answer.known ? readKey(answer.value) : undefined;
  if (made !== undefined) return { known: true, value: made };
  return orInDoubt(async () => {
    const after = await listKeys(client);
    const [newest] = after
      .filter(({ remoteId, active }) => active && !before.has(remoteId))
      .sort((a, b) => b.createdAt - a.createdAt);
    if (newest !== undefined) return { known: true, value: newest };
    return answer.known ? { known: false, error: unusableAnswer('not_a_webhook_key') } : answer;
  });
}

/** A key that is not there is ended already. @throws ProviderError for any other refusal. */
export async function endKey(client: ConektaEndpointCalls, key: VerificationKey): Promise<Outcome<void>> {
  const remoteId =
    key.remoteId ?? (await listKeys(client)).find(({ value }) => value === key.value)?.remoteId;
  if (remoteId === undefined) return { known: true, value: undefined };
  return remove(client, `/webhook_keys/${encodeURIComponent(remoteId)}`);
}

/** What is not there is removed already. @throws ProviderError for any other refusal. */
export async function remove(client: ConektaEndpointCalls, path: string): Promise<Outcome<void>> {
  try {
    const answer = await client.write({ method: 'DELETE', path });
    return answer.known ? { known: true, value: undefined } : answer;
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'not_found')
      return { known: true, value: undefined };
    throw error;
  }
}
