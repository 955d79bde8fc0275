import { Injectable } from '@nestjs/common';
import type {
  DeletedEndpointAnswer,
  EndpointAnswer,
  PingedEndpointAnswer,
  RotatedEndpointAnswer,
} from './endpoint.dto.js';
import { EndpointDirectory } from './endpoint.directory.js';
import { settled } from './endpoint.providers.js';
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
  ) {}

  /** Ours, and those that exist at the providers only. @param provider undefined: of all of them. */
  async list(provider?: string): Promise<EndpointAnswer[]> {
    return (await this.directory.list(provider)).map(viewOf);
  }

  /** @param by name of who asks. */
  async register(wish: EndpointWish, by: string): Promise<{ endpoint: EndpointAnswer; created: boolean }> {
    const { known, created } = await this.registrar.register(wish, by);
    return { endpoint: viewOf(known), created };
  }

  async rotate(id: string, by: string): Promise<RotatedEndpointAnswer> {
    const rotated = await this.rotation.rotate(id, by);
    const known = await this.directory.find(rotated.id);
    return { ...viewOf(known), previousKeyEnded: rotated.previousKeyEnded };
  }

  async delete(id: string, by: string): Promise<DeletedEndpointAnswer> {
    await this.removal.remove(id, by);
    return { id, deleted: true };
  }

  /** @throws ServiceError capability_not_supported where the provider has no test events. */
  async ping(id: string): Promise<PingedEndpointAnswer> {
    const { provider, remote } = await this.directory.findPresent(id);
    settled(await provider.pingEndpoint(remote.remoteId), provider.name, 'ping it again');
    return { id, pinged: true };
  }
}
