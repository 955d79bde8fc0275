import { andThen, inDoubt, known, orInDoubt, type Outcome, unlessRefused } from '../../provider.calls.js';
import {
  assertRoom,
  type EndpointRules,
  type EndpointsPort,
  type RegisteredEndpoint,
  type RemoteEndpoint,
  type VerificationKey,
} from '../../webhook.ports.js';
import type { ConektaEndpointCalls } from '../conekta.client.js';
import { unusableAnswer } from '../conekta.errors.js';
import { EVENTS_OF_CONCERN } from '../webhook/conekta.event.js';
import {
  assertEvents,
  assertUrl,
  ENDPOINT_LIMIT,
  listEndpoints,
  listKeys,
  readEndpoint,
  readKey,
  type WebhookKey,
} from './conekta.endpoint.js';

/**
 * Webhooks at Conekta and the keys that they are verified with. Keys belong to the account: the newest one signs
 * what goes to every webhook, so that a new key must never be left where nobody knows it.
 */
export class ConektaEndpoints implements EndpointsPort {
  readonly events = EVENTS_OF_CONCERN;
  readonly keysAreSecret = false;

  constructor(
    private readonly client: ConektaEndpointCalls,
    private readonly rules: EndpointRules,
  ) {}

  check(url: string, events: readonly string[], existing: readonly RemoteEndpoint[]): void {
    assertUrl(url, this.rules);
    assertEvents(events);
    assertRoom(existing, this.rules, ENDPOINT_LIMIT);
  }

  list(): Promise<readonly RemoteEndpoint[]> {
    return listEndpoints(this.client);
  }

  /** The key first: without a webhook it does no harm, for it can be ended again. */
  async create(url: string, events: readonly string[]): Promise<Outcome<RegisteredEndpoint>> {
    const key = await makeKey(this.client);
    if (!key.known) return key;
    try {
      const endpoint = await this.createWebhook(url, events);
      if (endpoint.known) return registered(endpoint.value, key.value);
      await this.endOrphan(key.value);
      return endpoint;
    } catch (error) {
      await this.endOrphan(key.value);
      throw error;
    }
  }

  /** The webhook stays the same. */
  rotateKey(endpoint: RemoteEndpoint): Promise<Outcome<RegisteredEndpoint>> {
    return andThen(makeKey(this.client), (key) => registered(endpoint, key));
  }

  retireKey({ key }: RegisteredEndpoint): Promise<Outcome<void>> {
    return endKey(this.client, key);
  }

  delete(remoteId: string): Promise<Outcome<void>> {
    return remove(this.client, pathOf(remoteId));
  }

  ping(remoteId: string): Promise<Outcome<void>> {
    const path = `${pathOf(remoteId)}/test`;
    return andThen(this.client.write({ method: 'POST', path }), () => known(undefined));
  }

  /** One whose answer was lost is found by its URL. */
  private async createWebhook(url: string, events: readonly string[]): Promise<Outcome<RemoteEndpoint>> {
    const body = { url, ...(events.length > 0 && { subscribed_events: events }) };
    const answer = await this.client.write({ method: 'POST', path: '/webhooks', body });
    const made = answer.known ? readEndpoint(answer.value) : undefined;
    if (made !== undefined) return known(made);
    return orInDoubt(async () => {
      const found = (await this.list()).find((endpoint) => endpoint.url === url);
      if (found !== undefined) return known(found);
      return answer.known ? inDoubt(unusableAnswer('not_a_webhook')) : answer;
    });
  }

  private async endOrphan(key: VerificationKey): Promise<void> {
    try {
      await endKey(this.client, key);
    } catch {
      // What made the key an orphan is told; that it also stayed is seen in the provider's list of keys.
    }
  }
}

function registered(endpoint: RemoteEndpoint, key: VerificationKey): Outcome<RegisteredEndpoint> {
  const { remoteId, value, secret } = key;
  return known({ endpoint, key: { remoteId, value, secret } });
}

function pathOf(remoteId: string): string {
  return `/webhooks/${encodeURIComponent(remoteId)}`;
}

/**
 * Makes a key. Keys belong to the account, and the newest one signs for every endpoint: one that was made while
 * its answer was lost is looked for, since nothing could be verified without it.
 */
async function makeKey(client: ConektaEndpointCalls): Promise<Outcome<WebhookKey>> {
  const before = new Set((await listKeys(client)).map(({ remoteId }) => remoteId));
  const answer = await client.write({ method: 'POST', path: '/webhook_keys', body: { active: true } });
  const made = answer.known ? readKey(answer.value) : undefined;
  if (made !== undefined) return known(made);
  return orInDoubt(async () => {
    const after = await listKeys(client);
    const [newest] = after
      .filter(({ remoteId, active }) => active && !before.has(remoteId))
      .sort((a, b) => b.createdAt - a.createdAt);
    if (newest !== undefined) return known(newest);
    return answer.known ? inDoubt(unusableAnswer('not_a_webhook_key')) : answer;
  });
}

/** A key that is not there is ended already. @throws ProviderError for any other refusal. */
async function endKey(client: ConektaEndpointCalls, key: VerificationKey): Promise<Outcome<void>> {
  const remoteId =
    key.remoteId ?? (await listKeys(client)).find(({ value }) => value === key.value)?.remoteId;
  if (remoteId === undefined) return known(undefined);
  return remove(client, `/webhook_keys/${encodeURIComponent(remoteId)}`);
}

/** What is not there is removed already. @throws ProviderError for any other refusal. */
function remove(client: ConektaEndpointCalls, path: string): Promise<Outcome<void>> {
  return unlessRefused<Outcome<void>>(
    ['not_found'],
    () => andThen(client.write({ method: 'DELETE', path }), () => known(undefined)),
    () => known(undefined),
  );
}
