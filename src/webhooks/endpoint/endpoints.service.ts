import { Injectable, Logger } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import { describeError, ServiceError } from '../../kernel/errors.js';
import { toServiceError } from '../../http/filters/error.filter.js';
import type { OperatorAction } from '../../ops/operator.log.store.js';
import type { With } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import type { RegisteredEndpoint, RemoteEndpoint } from '../../providers/webhook.ports.js';
import {
  EndpointDirectory,
  endpointUrl,
  idOf,
  isSameUrl,
  type KnownEndpoint,
  remoteName,
  urlOf,
  viewOf,
} from './endpoint.directory.js';
import type {
  DeletedEndpointAnswer,
  EndpointAnswer,
  PingedEndpointAnswer,
  RegisterEndpointDto,
  RotatedEndpointAnswer,
} from './endpoint.dto.js';
import { EndpointKeeper, endedAtProvider, settled } from './endpoint.keeper.js';
import type { HeldEndpoint } from './endpoint.store.js';
import type { WebhookKeyRow } from './endpoint.tables.js';
import { SecretBox } from './secret.box.js';

/** What the old key signed before its end is still on its way, or is tried again. */
const OVERLAP_MS = 24 * 3_600_000;

const ADVICE = 'list the endpoints, delete one that nobody asked for, and rotate again';

interface Registration {
  endpoint: EndpointAnswer;
  /** False: it was there already. */
  created: boolean;
}

type Rotation = Pick<RotatedEndpointAnswer, 'id' | 'previousKeyEnded'>;

/** For operators, over HTTP and on the command line. No answer holds a key. */
@Injectable()
export class EndpointsService {
  private readonly logger = new Logger(EndpointsService.name);

  constructor(
    private readonly providers: ProviderRegistry,
    private readonly directory: EndpointDirectory,
    private readonly keeper: EndpointKeeper,
    private readonly box: SecretBox,
    private readonly service: ServiceSettings,
  ) {}

  /** Ours, and those that exist at the providers only. @param provider undefined: of all of them. */
  async list(provider?: string): Promise<EndpointAnswer[]> {
    return (await this.directory.list(provider)).map(viewOf);
  }

  /**
   * @param by name of who asks.
   * @throws ServiceError invalid_request, capability_not_supported, endpoint_exists, endpoint_limit_reached,
   * encryption_key_missing, unknown_outcome; ProviderError
   */
  register(wish: RegisterEndpointDto, by: string): Promise<Registration> {
    const asked = { actor: by, action: 'endpoints.register', detail: { provider: wish.provider } };
    return this.noted(asked, async () => {
      const provider = this.providers.with(wish.provider, 'endpoints');
      const url = endpointUrl(wish.url ?? `${this.service.publicUrl}/webhooks/${provider.name}`);
      if (provider.endpoints.keysAreSecret) this.box.requireKey();
      const present = await this.directory.of(provider);
      const same = present.find((known) => isSameUrl(urlOf(known), url));
      if (same !== undefined && same.remote !== undefined) {
        assertAsWished(same, wish.events);
        return { endpoint: viewOf(same), created: false };
      }
      const events = [...new Set(wish.events ?? provider.endpoints.events)];
      provider.endpoints.check(
        url,
        events,
        present.flatMap(({ remote }) => remote ?? []),
      );
      // The provider lost it, or somebody deleted it there.
      if (same?.held !== undefined) await this.keeper.drop(same.held, by);
      return this.create(provider, url, events, by);
    });
  }

  private async create(
    provider: With<'endpoints'>,
    url: string,
    events: readonly string[],
    by: string,
  ): Promise<Registration> {
    const outcome = await provider.endpoints.create(url, events);
    const made = settled(outcome, provider.name, 'list the endpoints, or register this one again');
    // As we were asked, so that a repeat is recognised.
    const remote = { ...made.endpoint, url, events };
    const held = await this.keeper.keep(provider, { ...made, endpoint: remote }, by);
    if (held !== undefined) {
      this.logger.log(`${by} registered ${provider.name}:${remote.remoteId} for ${url}`);
      return { endpoint: viewOf({ provider, held, remote }), created: true };
    }
    // Somebody else was faster.
    const known = (await this.directory.of(provider)).find((one) => isSameUrl(urlOf(one), url));
    if (known !== undefined) return { endpoint: viewOf(known), created: false };
    throw new ServiceError('operation_in_doubt', 'the endpoint was registered and deleted meanwhile');
  }

  /**
   * Keeps the new key before it ends the old one, so that every delivery is taken. Takes over an endpoint whose key is
   * not ours.
   * @throws ServiceError not_found, endpoint_exists, operation_in_doubt, encryption_key_missing, unknown_outcome;
   * ProviderError
   */
  async rotate(id: string, by: string): Promise<RotatedEndpointAnswer> {
    const asked = { actor: by, action: 'endpoints.rotate', target: id };
    const rotated = await this.noted(asked, async () => {
      const { provider, held, remote } = await this.directory.findPresent(id);
      if (provider.endpoints.keysAreSecret) this.box.requireKey();
      const made = settled(await provider.endpoints.rotateKey(remote), provider.name, ADVICE);
      const rotation = held
        ? await this.exchange(provider, held, made, by)
        : await this.takeOver(provider, remote, made, by);
      this.logger.log(`${by} rotated the key of ${provider.name}:${made.endpoint.remoteId}`);
      return rotation;
    });
    const known = await this.directory.find(rotated.id);
    return { ...viewOf(known), previousKeyEnded: rotated.previousKeyEnded };
  }

  private async exchange(
    provider: With<'endpoints'>,
    held: HeldEndpoint,
    made: RegisteredEndpoint,
    by: string,
  ): Promise<Rotation> {
    if (!(await this.keeper.keepRotated(provider, held, made, by))) {
      const message = 'this endpoint was rotated or deleted by somebody else just now';
      throw new ServiceError('operation_in_doubt', message);
    }
    // More than one where an earlier rotation could not end its own.
    const previous = held.keys.filter((key) => key.retiredAt === null);
    const ends = previous.map((key) => this.keeper.endKey(provider, held, key, OVERLAP_MS));
    return { id: held.row.id, previousKeyEnded: await this.allEnded(ends) };
  }

  private async takeOver(
    provider: With<'endpoints'>,
    remote: RemoteEndpoint,
    made: RegisteredEndpoint,
    by: string,
  ): Promise<Rotation> {
    const held = await this.keeper.keep(provider, made, by, remote.remoteId);
    if (held === undefined) {
      throw new ServiceError('endpoint_exists', 'its URL is registered already: delete this endpoint');
    }
    const { id } = held.row;
    // Only whoever made the endpoint that stays knows its old key.
    if (made.endpoint.remoteId === remote.remoteId) return { id, previousKeyEnded: false };
    const end = endedAtProvider(provider.endpoints.delete(remote.remoteId), provider.name, ADVICE);
    return { id, previousKeyEnded: await this.allEnded([end]) };
  }

  /** The new key is in use by now: the rotation cannot fail any more. */
  private async allEnded(ends: readonly Promise<void>[]): Promise<boolean> {
    const failed = (await Promise.allSettled(ends)).filter((end) => end.status === 'rejected');
    for (const { reason } of failed)
      this.logger.warn(`an old webhook key was not ended: ${describeError(reason)}`);
    return failed.length === 0;
  }

  /**
   * At the provider first: as long as it may deliver, the keys stay accepted. Can be repeated after any failure.
   * @throws ServiceError not_found, unknown_outcome; ProviderError
   */
  delete(id: string, by: string): Promise<DeletedEndpointAnswer> {
    const asked = { actor: by, action: 'endpoints.delete', target: id };
    return this.noted(asked, async () => {
      const known = await this.directory.find(id);
      const { provider, held, remote } = known;
      if (remote !== undefined)
        await endedAtProvider(provider.endpoints.delete(remote.remoteId), provider.name, 'delete it again');
      if (held !== undefined) {
        for (const key of held.keys)
          if (outlives(held, key)) await this.keeper.endKey(provider, held, key, 0);
        await this.keeper.drop(held, by);
      } else await this.keeper.note({ ...asked, detail: { provider: provider.name, foreign: true } });
      this.logger.log(`${by} deleted ${remoteName(known)}`);
      return { id, deleted: true };
    });
  }

  /** @throws ServiceError capability_not_supported where the provider has no test events. */
  async ping(id: string, by: string): Promise<PingedEndpointAnswer> {
    const { provider, remote } = await this.directory.findPresent(id);
    const detail = { provider: provider.name, remoteId: remote.remoteId };
    const asked = { actor: by, action: 'endpoints.ping', target: id, detail };
    await this.noted(asked, async () => {
      settled(await provider.endpoints.ping(remote.remoteId), provider.name, 'ping it again');
    });
    await this.keeper.note(asked);
    return { id, pinged: true };
  }

  /** Notes a failure: the provider may have acted all the same. */
  private async noted<T>(asked: OperatorAction, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const detail = { ...asked.detail, failed: toServiceError(error).code };
      // The caller has to see the first error.
      await this.keeper.note({ ...asked, detail }).catch(() => undefined);
      throw error;
    }
  }
}

/** @throws ServiceError endpoint_exists when it is not what was asked for. */
function assertAsWished(known: KnownEndpoint, wished: readonly string[] | undefined): void {
  const { held } = known;
  const taken = (message: string) =>
    new ServiceError('endpoint_exists', message, { provider: known.provider.name, id: idOf(known) });
  if (held === undefined)
    throw taken(
      `the provider has an endpoint for this URL, and its key is not ours: rotate ${idOf(known)} to take it over`,
    );
  if (wished !== undefined && !isSameSet(wished, held.row.events))
    throw taken(`this URL is registered with other events: delete ${idOf(known)} first`);
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const [ours, theirs] = [new Set(left), new Set(right)];
  return ours.size === theirs.size && [...ours].every((one) => theirs.has(one));
}

/** The provider keeps it apart from the deleted endpoint. */
function outlives({ row }: HeldEndpoint, key: WebhookKeyRow): boolean {
  return key.retiredAt === null && (key.remoteId !== null || key.endpointRemoteId !== row.remoteId);
}
