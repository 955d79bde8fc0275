import { Injectable } from '@nestjs/common';
import type {
  DeletedEndpointAnswer,
  EndpointAnswer,
  PingedEndpointAnswer,
  RotatedEndpointAnswer,
} from './endpoint.dto.js';
import { EndpointDirectory } from './endpoint.directory.js';
import { settled } from './endpoint.providers.js';
import { toServiceError } from '../../http/filters/error.mapping.js';
import type { OperatorAction } from '../../ops/operator.log.store.js';
import { EndpointKeeper } from './endpoint.keeper.js';
import { EndpointRegistrar, type EndpointWish } from './endpoint.registrar.js';
import { EndpointRemoval } from './endpoint.removal.js';
import { viewOf } from './endpoint.view.js';
import { KeyRotation } from './key.rotation.js';

/** What an operator does about webhook endpoints, over HTTP and on the command line. No answer holds a key. */
@Injectable()
export class EndpointsService {
  constructor(
    private readonly directory: EndpointDirectory,
    private readonly registrar: EndpointRegistrar,
    private readonly rotation: KeyRotation,
    private readonly removal: EndpointRemoval,
    private readonly keeper: EndpointKeeper,
  ) {}

  /** Ours, and those that exist at the providers only. @param provider undefined: of all of them. */
  async list(provider?: string): Promise<EndpointAnswer[]> {
    return (await this.directory.list(provider)).map(viewOf);
  }

  /** @param by name of who asks. */
  async register(wish: EndpointWish, by: string): Promise<{ endpoint: EndpointAnswer; created: boolean }> {
    const failed = { action: 'endpoints.register', detail: { provider: wish.provider } };
    const { known, created } = await this.noted(by, failed, this.registrar.register(wish, by));
    return { endpoint: viewOf(known), created };
  }

  async rotate(id: string, by: string): Promise<RotatedEndpointAnswer> {
    const failed = { action: 'endpoints.rotate', target: id };
    const rotated = await this.noted(by, failed, this.rotation.rotate(id, by));
    const known = await this.directory.find(rotated.id);
    return { ...viewOf(known), previousKeyEnded: rotated.previousKeyEnded };
  }

  async delete(id: string, by: string): Promise<DeletedEndpointAnswer> {
    await this.noted(by, { action: 'endpoints.delete', target: id }, this.removal.remove(id, by));
    return { id, deleted: true };
  }

  /** @throws ServiceError capability_not_supported where the provider has no test events. */
  async ping(id: string, by: string): Promise<PingedEndpointAnswer> {
    const { provider, remote } = await this.directory.findPresent(id);
    const detail = { provider: provider.name, remoteId: remote.remoteId };
    const asked = { action: 'endpoints.ping', target: id, detail };
    const pinged = provider.endpoints.ping(remote.remoteId).then((outcome) => {
      settled(outcome, provider.name, 'ping it again');
    });
    await this.noted(by, asked, pinged);
    await this.keeper.note({ actor: by, ...asked });
    return { id, pinged: true };
  }

  /** A failure is noted too: at the provider something may have been done all the same. */
  private async noted<T>(by: string, asked: Omit<OperatorAction, 'actor'>, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const detail = { ...asked.detail, failed: toServiceError(error).code };
      // Whoever asked has to see the first error.
      await this.keeper.note({ actor: by, ...asked, detail }).catch(() => undefined);
      throw error;
    }
  }
}
