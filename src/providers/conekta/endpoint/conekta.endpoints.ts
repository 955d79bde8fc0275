import { createPublicKey } from 'node:crypto';
import { invalidField } from '../../../kernel/errors.js';
import { integerOf, isJson, listOf, textOf } from '../../json.read.js';
import { andThen, inDoubt, known, orInDoubt, type Outcome, unlessRefused } from '../../provider.calls.js';
import {
  assertRoom,
  type EndpointRules,
  type EndpointsPort,
  type RegisteredEndpoint,
  type RemoteEndpoint,
  type VerificationKey,
  webAddressOf,
} from '../../webhook.ports.js';
import { CONEKTA } from '../conekta.account.js';
import { type ConektaEndpointCalls, listAll } from '../conekta.client.js';
import { unusableAnswer } from '../conekta.errors.js';
import { EVENT_NAMES, EVENTS_OF_CONCERN } from '../webhook/conekta.event.js';

const LIMIT = { provider: CONEKTA, title: 'Conekta', most: 10 };
/** Wherever in the URL it stands, even in the query: such is the pattern that Conekta documents. */
const LOCAL = /localhost|127\.0\.0\.1/;

type WebhookKey = VerificationKey & {
  remoteId: string;
  active: boolean;
  /** Seconds since 1970. */
  createdAt: number;
};

/**
 * Keys belong to the account, and the newest one signs for every webhook: a new key must never be left where nobody
 * knows it.
 */
export class ConektaEndpoints implements EndpointsPort {
  readonly events = EVENTS_OF_CONCERN;
  readonly keysAreSecret = false;

  constructor(
    private readonly client: ConektaEndpointCalls,
    private readonly rules: EndpointRules,
  ) {}

  check(url: string, events: readonly string[], existing: readonly RemoteEndpoint[]): void {
    webAddressOf(url);
    if (this.rules.publicOnly && LOCAL.test(url))
      throw invalidField('url', 'must be a public one: Conekta refuses localhost and 127.0.0.1');
    const stranger = events.findIndex((event) => !EVENT_NAMES.has(event));
    if (stranger !== -1)
      throw invalidField(
        `events[${stranger}]`,
        'must be the name of an event of Conekta, such as order.paid',
      );
    assertRoom(existing, this.rules, LIMIT);
  }

  list(): Promise<readonly RemoteEndpoint[]> {
    return listAll(this.client, '/webhooks', readEndpoint);
  }

  /** The key first: without a webhook it does no harm, for it can be ended again. */
  async create(url: string, events: readonly string[]): Promise<Outcome<RegisteredEndpoint>> {
    const key = await this.makeKey();
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
    return andThen(this.makeKey(), (key) => registered(endpoint, key));
  }

  async retireKey({ key }: Pick<RegisteredEndpoint, 'key'>): Promise<Outcome<void>> {
    const remoteId = key.remoteId ?? (await this.keys()).find(({ value }) => value === key.value)?.remoteId;
    if (remoteId === undefined) return known(undefined);
    return this.remove(`/webhook_keys/${encodeURIComponent(remoteId)}`);
  }

  delete(remoteId: string): Promise<Outcome<void>> {
    return this.remove(pathOf(remoteId));
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

  /** One whose answer was lost is looked for: it signs for every endpoint. */
  private async makeKey(): Promise<Outcome<WebhookKey>> {
    const before = new Set((await this.keys()).map(({ remoteId }) => remoteId));
    const answer = await this.client.write({ method: 'POST', path: '/webhook_keys', body: { active: true } });
    const made = answer.known ? readKey(answer.value) : undefined;
    if (made !== undefined) return known(made);
    return orInDoubt(async () => {
      const [newest] = (await this.keys())
        .filter(({ remoteId, active }) => active && !before.has(remoteId))
        .sort((a, b) => b.createdAt - a.createdAt);
      if (newest !== undefined) return known(newest);
      return answer.known ? inDoubt(unusableAnswer('not_a_webhook_key')) : answer;
    });
  }

  private async endOrphan(key: VerificationKey): Promise<void> {
    try {
      await this.retireKey({ key });
    } catch {
      // What made the key an orphan is told; that it also stayed is seen in the provider's list of keys.
    }
  }

  private keys(): Promise<WebhookKey[]> {
    return listAll(this.client, '/webhook_keys', readKey);
  }

  /** What is not there is removed already. @throws ProviderError for any other refusal. */
  private remove(path: string): Promise<Outcome<void>> {
    return unlessRefused<Outcome<void>>(
      ['not_found'],
      () => andThen(this.client.write({ method: 'DELETE', path }), () => known(undefined)),
      () => known(undefined),
    );
  }
}

function registered(endpoint: RemoteEndpoint, key: VerificationKey): Outcome<RegisteredEndpoint> {
  const { remoteId, value, secret } = key;
  return known({ endpoint, key: { remoteId, value, secret } });
}

function pathOf(remoteId: string): string {
  return `/webhooks/${encodeURIComponent(remoteId)}`;
}

/** Undefined for anything but a webhook. */
function readEndpoint(value: unknown): RemoteEndpoint | undefined {
  if (!isJson(value) || value.object !== 'webhook') return undefined;
  const [remoteId, url] = [textOf(value.id), textOf(value.url)];
  if (remoteId === undefined || url === undefined) return undefined;
  return {
    remoteId,
    url,
    events: listOf(value.subscribed_events).flatMap((event) => textOf(event) ?? []),
    active: value.active !== false,
    livemode: value.livemode === true,
  };
}

/** Undefined for anything but a webhook key that can be verified with. */
function readKey(value: unknown): WebhookKey | undefined {
  if (!isJson(value) || value.object !== 'webhook_key') return undefined;
  const [remoteId, pem] = [textOf(value.id), publicKeyOf(value.public_key)];
  if (remoteId === undefined || pem === undefined) return undefined;
  const createdAt = integerOf(value.created_at) ?? 0;
  return { remoteId, value: pem, secret: false, active: value.active !== false, createdAt };
}

/** PEM. In some places its ends of lines are written out as a backslash and an n. */
function publicKeyOf(value: unknown): string | undefined {
  const pem = textOf(value)?.replaceAll('\\n', '\n');
  if (pem === undefined) return undefined;
  try {
    return createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    return undefined;
  }
}
