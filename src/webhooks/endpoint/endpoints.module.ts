import { Module } from '@nestjs/common';
import { ProvidersModule } from '../../providers/providers.module.js';
import { EndpointDirectory } from './endpoint.directory.js';
import { EndpointKeeper } from './endpoint.keeper.js';
import { EndpointProviders } from './endpoint.providers.js';
import { EndpointRegistrar } from './endpoint.registrar.js';
import { EndpointRemoval } from './endpoint.removal.js';
import { EndpointStore } from './endpoint.store.js';
import { EndpointsService } from './endpoints.service.js';
import { KeyEnder } from './key.ender.js';
import { KeyRotation } from './key.rotation.js';
import { SecretBox } from './secret.box.js';
import { WebhookKeyReader } from './webhook.key.reader.js';
import { WebhookKeys } from './webhook.keys.js';

/** Registration of webhook endpoints, without routes: the command line has it too. */
@Module({
  imports: [ProvidersModule],
  providers: [
    EndpointsService,
    EndpointDirectory,
    EndpointRegistrar,
    EndpointRemoval,
    EndpointKeeper,
    EndpointProviders,
    EndpointStore,
    KeyRotation,
    KeyEnder,
    SecretBox,
    WebhookKeyReader,
    WebhookKeys,
  ],
  exports: [EndpointsService, WebhookKeys, WebhookKeyReader],
})
export class EndpointsModule {}
