import { Injectable, Logger } from '@nestjs/common';
import { describeError } from '../../database/sql.errors.js';
import { ServiceError } from '../../kernel/errors.js';
import type { RegisteredEndpoint, RemoteEndpoint } from '../../providers/webhook.endpoints.js';
import { EndpointDirectory } from './endpoint.directory.js';
import { EndpointKeeper } from './endpoint.keeper.js';
import { type EndpointProvider, endedAtProvider, settled } from './endpoint.providers.js';
import type { HeldEndpoint } from './endpoint.store.js';
import { KeyEnder } from './key.ender.js';
import { SecretBox } from './secret.box.js';

/** Deliveries that were signed with the old key before it was ended are still on their way, or are tried again. */
const OVERLAP_MS = 24 * 3_600_000;

const ADVICE = 'list the endpoints, delete one that nobody asked for, and rotate again';

export interface Rotation {
  /** Ours or the provider's, as the directory finds it. */
  id: string;
  /** False: the provider still has the old key, and both are accepted until another rotation has ended it. */
  previousKeyEnded: boolean;
}

/** Exchanges keys. The new one is kept before the old one is ended, and every delivery meanwhile is taken. */
@Injectable()
export class KeyRotation {
  private readonly logger = new Logger(KeyRotation.name);

  constructor(
    private readonly directory: EndpointDirectory,
    private readonly keeper: EndpointKeeper,
    private readonly ender: KeyEnder,
    private readonly box: SecretBox,
  ) {}

  /**
   * Also takes over an endpoint whose key is not ours.
   * @throws ServiceError not_found, endpoint_exists, operation_in_doubt, encryption_key_missing, unknown_outcome;
   * ProviderError
   */
  async rotate(id: string, by: string): Promise<Rotation> {
    const { provider, held, remote } = await this.directory.findPresent(id);
    if (provider.endpoints.keysAreSecret) this.box.requireKey();
    const made = settled(await provider.endpoints.rotateKey(remote), provider.name, ADVICE);
    const rotation =
      held === undefined
        ? await this.takeOver(provider, remote, made, by)
        : await this.exchange(provider, held, made, by);
    this.logger.log(`${by} rotated the key of ${provider.name}:${made.endpoint.remoteId}`);
    return rotation;
  }

  private async exchange(
    provider: EndpointProvider,
    held: HeldEndpoint,
    made: RegisteredEndpoint,
    by: string,
  ): Promise<Rotation> {
    if (!(await this.keeper.keepRotated(provider, held, made, by))) {
      throw new ServiceError(
        'operation_in_doubt',
        'this endpoint was rotated or deleted by somebody else just now',
      );
    }
    // More than one where an earlier rotation could not end its own.
    const previous = held.keys.filter((key) => key.retiredAt === null);
    const ends = previous.map((key) => this.ender.end(provider, held, key, OVERLAP_MS));
    return { id: held.row.id, previousKeyEnded: await this.allEnded(ends) };
  }

  private async takeOver(
    provider: EndpointProvider,
    remote: RemoteEndpoint,
    made: RegisteredEndpoint,
    by: string,
  ): Promise<Rotation> {
    const held = await this.keeper.keep(provider, made, by, remote.remoteId);
    if (held === undefined) {
      throw new ServiceError('endpoint_exists', 'its URL is registered already: delete this endpoint');
    }
    const { id } = held.row;
    // The old key belongs to the endpoint that stays, and only whoever made it knows it.
    if (made.endpoint.remoteId === remote.remoteId) return { id, previousKeyEnded: false };
    const end = endedAtProvider(provider.endpoints.delete(remote.remoteId), provider.name, ADVICE);
    return { id, previousKeyEnded: await this.allEnded([end]) };
  }

  /** The new key is in use by now: whatever happens to the old one is no failure of the rotation. */
  private async allEnded(ends: readonly Promise<void>[]): Promise<boolean> {
    const failed = (await Promise.allSettled(ends)).filter((end) => end.status === 'rejected');
    for (const { reason } of failed)
      this.logger.warn(`an old webhook key was not ended: ${describeError(reason)}`);
    return failed.length === 0;
  }
}
