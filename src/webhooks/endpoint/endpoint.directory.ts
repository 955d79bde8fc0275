import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { invalidField, ServiceError } from '../../kernel/errors.js';
import { can, type With } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import type { RemoteEndpoint } from '../../providers/webhook.ports.js';
import type { EndpointAnswer } from './endpoint.dto.js';
import { EndpointStore, type HeldEndpoint } from './endpoint.store.js';

/** An endpoint as we hold it, as the provider tells it, or both. */
export interface KnownEndpoint {
  provider: With<'endpoints'>;
  /** Undefined: somebody else registered it, and its key is not ours. */
  held: HeldEndpoint | undefined;
  /** Undefined: the provider does not have it any more. */
  remote: RemoteEndpoint | undefined;
}

const MAX_URL_LENGTH = 2_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

@Injectable()
export class EndpointDirectory {
  constructor(
    private readonly database: Database,
    private readonly store: EndpointStore,
    private readonly providers: ProviderRegistry,
  ) {}

  /** @param provider undefined: all of them. @throws ServiceError capability_not_supported, ProviderError */
  async list(provider: string | undefined): Promise<KnownEndpoint[]> {
    const asked = provider === undefined ? this.able : [this.providers.with(provider, 'endpoints')];
    return (await Promise.all(asked.map((one) => this.of(one)))).flat();
  }

  async of(provider: With<'endpoints'>): Promise<KnownEndpoint[]> {
    let remotes = await provider.endpoints.list();
    const held = await this.store.list(this.database.db, provider.name);
    // Somebody may have registered one between the two reads: it must not pass for lost.
    if (held.some((one) => !remotes.some((remote) => isOf(one, remote))))
      remotes = await provider.endpoints.list();
    const ours = held.map((one) => ({
      provider,
      held: one,
      remote: remotes.find((remote) => isOf(one, remote)),
    }));
    const others = remotes.filter((remote) => !held.some((one) => isOf(one, remote)));
    return [...ours, ...others.map((remote) => ({ provider, held: undefined, remote }))];
  }

  /**
   * @param id ours, or `provider:id` with the provider's own.
   * @throws ServiceError not_found, capability_not_supported; ProviderError
   */
  async find(id: string): Promise<KnownEndpoint> {
    const provider = await this.providerOf(id);
    const among = provider === undefined ? [] : await this.of(provider);
    const found = among.find((known) => idOf(known) === id || remoteName(known) === id);
    if (found !== undefined) return found;
    throw new ServiceError('not_found', 'there is no such endpoint');
  }

  /** One that the provider has. @throws as `find` */
  async findPresent(id: string): Promise<KnownEndpoint & { remote: RemoteEndpoint }> {
    const { remote, ...known } = await this.find(id);
    if (remote !== undefined) return { ...known, remote };
    throw new ServiceError('not_found', 'the provider has no such endpoint any more: register it again');
  }

  private get able(): With<'endpoints'>[] {
    return this.providers.all.filter((provider) => can(provider, 'endpoints'));
  }

  private async providerOf(id: string): Promise<With<'endpoints'> | undefined> {
    if (!UUID.test(id)) return this.able.find((provider) => id.startsWith(`${provider.name}:`));
    const held = await this.store.find(this.database.db, id);
    return held === undefined ? undefined : this.providers.with(held.row.provider, 'endpoints');
  }
}

/** The operator's name for it. */
export function idOf(known: KnownEndpoint): string {
  return known.held?.row.id ?? remoteName(known);
}

export function remoteName(known: KnownEndpoint): string {
  return `${known.provider.name}:${remoteIdOf(known)}`;
}

function remoteIdOf({ held, remote }: KnownEndpoint): string {
  return remote?.remoteId ?? held?.row.remoteId ?? '';
}

export function urlOf({ held, remote }: KnownEndpoint): string {
  return held?.row.url ?? remote?.url ?? '';
}

function isOf(held: HeldEndpoint, remote: RemoteEndpoint): boolean {
  return held.row.remoteId === remote.remoteId;
}

/** The URL as it is registered. @throws ServiceError invalid_request; the provider may refuse more. */
export function endpointUrl(text: string): string {
  if (text.length > MAX_URL_LENGTH || !URL.canParse(text)) throw invalidField('url', 'must be a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw invalidField('url', 'must be a web address');
  // It is listed to every operator, and the provider keeps it in clear.
  if (url.username !== '' || url.password !== '')
    throw invalidField('url', 'must not hold a name or password');
  if (url.hash !== '') throw invalidField('url', 'must not hold a fragment: it is not sent');
  return url.href;
}

/** Two spellings of one address are one endpoint. */
export function isSameUrl(left: string, right: string): boolean {
  const [ours, theirs] = [left, right].map((url) => (URL.canParse(url) ? new URL(url).href : url));
  return ours === theirs;
}

/** An endpoint as an operator sees it: everything but the keys themselves. */
export function viewOf(known: KnownEndpoint): EndpointAnswer {
  const { provider, held, remote } = known;
  return {
    id: idOf(known),
    provider: provider.name,
    remoteId: remoteIdOf(known),
    url: urlOf(known),
    state: held === undefined ? 'foreign' : remote === undefined ? 'lost' : 'registered',
    active: remote?.active ?? false,
    livemode: remote?.livemode ?? held?.row.livemode ?? provider.livemode,
    events: [...(remote?.events ?? held?.row.events ?? [])],
    createdBy: held?.row.createdBy ?? null,
    createdAt: held?.row.createdAt.toISOString() ?? null,
    keys: (held?.keys ?? []).map((key) => ({
      id: key.id,
      remoteId: key.remoteId,
      createdAt: key.createdAt.toISOString(),
      retiredAt: key.retiredAt?.toISOString() ?? null,
    })),
  };
}
