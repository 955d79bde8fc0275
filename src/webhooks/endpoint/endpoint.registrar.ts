import { Injectable, Logger } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';
import { EndpointDirectory, idOf, type KnownEndpoint, urlOf } from './endpoint.directory.js';
import { EndpointKeeper } from './endpoint.keeper.js';
import { type EndpointProvider, EndpointProviders, settled } from './endpoint.providers.js';
import { endpointUrl, isSameUrl } from './endpoint.url.js';
import { SecretBox } from './secret.box.js';

export interface EndpointWish {
  provider: string;
  /** Undefined: where this service takes the provider's webhooks. */
  url?: string | undefined;
  /** Undefined: every event that this service understands. */
  events?: readonly string[] | undefined;
}

export interface Registration {
  known: KnownEndpoint;
  /** False: it was there already. */
  created: boolean;
}

/** Registers webhook endpoints; of one URL once, however often it is asked for. */
@Injectable()
export class EndpointRegistrar {
  private readonly logger = new Logger(EndpointRegistrar.name);

  constructor(
    private readonly providers: EndpointProviders,
    private readonly directory: EndpointDirectory,
    private readonly keeper: EndpointKeeper,
    private readonly box: SecretBox,
    private readonly service: ServiceSettings,
  ) {}

  /**
   * @throws ServiceError invalid_request, capability_not_supported, endpoint_exists, endpoint_limit_reached,
   * encryption_key_missing, unknown_outcome; ProviderError
   */
  async register(wish: EndpointWish, by: string): Promise<Registration> {
    const provider = this.providers.get(wish.provider);
    const url = endpointUrl(wish.url ?? `${this.service.publicUrl}/webhooks/${provider.name}`);
    if (provider.endpoints.keysAreSecret) this.box.requireKey();
    const present = await this.directory.of(provider);
    const same = present.find((known) => isSameUrl(urlOf(known), url));
    if (same !== undefined && same.remote !== undefined) return presentOne(same, wish.events);
    const events = [...new Set(wish.events ?? provider.endpoints.events)];
    provider.endpoints.check(
      url,
      events,
      present.flatMap(({ remote }) => remote ?? []),
    );
    // The provider lost it, or somebody deleted it there.
    if (same?.held !== undefined) await this.keeper.drop(same.held, by);
    return this.create(provider, url, events, by);
  }

  private async create(
    provider: EndpointProvider,
    url: string,
    events: readonly string[],
    by: string,
  ): Promise<Registration> {
    const outcome = await provider.endpoints.create(url, events);
    const made = settled(outcome, provider.name, 'list the endpoints, or register this one again');
    // As we know them, or a repeat would not be told from another wish.
    const endpoint = { ...made.endpoint, url, events };
    const held = await this.keeper.keep(provider, { ...made, endpoint }, by);
    if (held === undefined) return { known: await this.winner(provider, url), created: false };
    this.logger.log(`${by} registered ${provider.name}:${endpoint.remoteId} for ${url}`);
    return { known: { provider, held, remote: endpoint }, created: true };
  }

  /** The endpoint of whoever registered the same URL a moment before us. */
  private async winner(provider: EndpointProvider, url: string): Promise<KnownEndpoint> {
    const known = (await this.directory.of(provider)).find((one) => isSameUrl(urlOf(one), url));
    if (known !== undefined) return known;
    throw new ServiceError('operation_in_doubt', 'the endpoint was registered and deleted meanwhile');
  }
}

/** @throws ServiceError endpoint_exists when it is not what was asked for. */
function presentOne(known: KnownEndpoint, wished: readonly string[] | undefined): Registration {
  const { held } = known;
  const taken = (message: string) =>
    new ServiceError('endpoint_exists', message, { provider: known.provider.name, id: idOf(known) });
  if (held === undefined) {
    throw taken(
      `the provider has an endpoint for this URL, and its key is not ours: rotate ${idOf(known)} to take it over`,
    );
  }
  if (wished !== undefined && !isSameSet(wished, held.row.events)) {
    throw taken(`this URL is registered with other events: delete ${idOf(known)} first`);
  }
  return { known, created: false };
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const [ours, theirs] = [new Set(left), new Set(right)];
  return ours.size === theirs.size && [...ours].every((one) => theirs.has(one));
}
