import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { ServiceError } from '../../kernel/errors.js';
import type { RemoteEndpoint } from '../../providers/webhook.endpoints.js';
import { type EndpointProvider, EndpointProviders } from './endpoint.providers.js';
import { EndpointStore, type HeldEndpoint } from './endpoint.store.js';

/** An endpoint as we hold it, as the provider tells it, or both. */
export interface KnownEndpoint {
  provider: EndpointProvider;
  /** Undefined: somebody else registered it, and its key is not ours. */
  held: HeldEndpoint | undefined;
  /** Undefined: the provider does not have it any more. */
  remote: RemoteEndpoint | undefined;
}

export interface PresentEndpoint extends KnownEndpoint {
  remote: RemoteEndpoint;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Which endpoints there are, here and at the providers. */
@Injectable()
export class EndpointDirectory {
  constructor(
    private readonly database: Database,
    private readonly store: EndpointStore,
    private readonly providers: EndpointProviders,
  ) {}

  /** @param provider undefined: all of them. @throws ServiceError capability_not_supported, ProviderError */
  async list(provider: string | undefined): Promise<KnownEndpoint[]> {
    const asked = provider === undefined ? this.providers.all : [this.providers.get(provider)];
    return (await Promise.all(asked.map((one) => this.of(one)))).flat();
  }

  async of(provider: EndpointProvider): Promise<KnownEndpoint[]> {
    const remotes = await provider.endpoints.list();
    const held = await this.store.list(this.database.db, provider.name);
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
  async findPresent(id: string): Promise<PresentEndpoint> {
    const known = await this.find(id);
    const { remote } = known;
    if (remote !== undefined) return { ...known, remote };
    throw new ServiceError('not_found', 'the provider has no such endpoint any more: register it again');
  }

  private async providerOf(id: string): Promise<EndpointProvider | undefined> {
    if (!UUID.test(id)) return this.providers.all.find((provider) => id.startsWith(`${provider.name}:`));
    const held = await this.store.find(this.database.db, id);
    return held === undefined ? undefined : this.providers.get(held.row.provider);
  }
}

/** What an operator calls it by. */
export function idOf(known: KnownEndpoint): string {
  return known.held?.row.id ?? remoteName(known);
}

/** The provider's own id, with the provider before it. */
export function remoteName(known: KnownEndpoint): string {
  return `${known.provider.name}:${remoteIdOf(known)}`;
}

export function remoteIdOf({ held, remote }: KnownEndpoint): string {
  return remote?.remoteId ?? held?.row.remoteId ?? '';
}

export function urlOf({ held, remote }: KnownEndpoint): string {
  return held?.row.url ?? remote?.url ?? '';
}

function isOf(held: HeldEndpoint, remote: RemoteEndpoint): boolean {
  return held.row.remoteId === remote.remoteId;
}
