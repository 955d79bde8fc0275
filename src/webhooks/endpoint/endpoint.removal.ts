import { Injectable, Logger } from '@nestjs/common';
import { EndpointDirectory, remoteName } from './endpoint.directory.js';
import { EndpointKeeper } from './endpoint.keeper.js';
import { endedAtProvider } from './endpoint.providers.js';
import type { HeldEndpoint } from './endpoint.store.js';
import type { WebhookKeyRow } from './endpoint.tables.js';
import { KeyEnder } from './key.ender.js';

/** Deletes endpoints, at the provider first: as long as it may deliver, the keys stay accepted. */
@Injectable()
export class EndpointRemoval {
  private readonly logger = new Logger(EndpointRemoval.name);

  constructor(
    private readonly directory: EndpointDirectory,
    private readonly ender: KeyEnder,
    private readonly keeper: EndpointKeeper,
  ) {}

  /** Can be repeated after any failure. @throws ServiceError not_found, unknown_outcome; ProviderError */
  async remove(id: string, by: string): Promise<void> {
    const known = await this.directory.find(id);
    const { provider, held, remote } = known;
    if (remote !== undefined) {
      await endedAtProvider(provider.endpoints.delete(remote.remoteId), provider.name, 'delete it again');
    }
    if (held !== undefined) {
      for (const key of held.keys) if (outlives(held, key)) await this.ender.end(provider, held, key, 0);
      await this.keeper.drop(held, by);
    } else {
      const detail = { provider: provider.name, foreign: true };
      await this.keeper.note({ actor: by, action: 'endpoints.delete', target: id, detail });
    }
    this.logger.log(`${by} deleted ${remoteName(known)}`);
  }
}

/** The provider keeps it apart from the endpoint that was deleted. */
function outlives({ row }: HeldEndpoint, key: WebhookKeyRow): boolean {
  return key.retiredAt === null && (key.remoteId !== null || key.endpointRemoteId !== row.remoteId);
}
