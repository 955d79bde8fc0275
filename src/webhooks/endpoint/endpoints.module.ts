import { Module } from '@nestjs/common';
import { ProvidersModule } from '../../providers/providers.module.js';
import { EndpointDirectory } from './endpoint.directory.js';
import { EndpointKeeper } from './endpoint.keeper.js';
import { EndpointStore } from './endpoint.store.js';
import { EndpointsService } from './endpoints.service.js';
import { SecretBox } from './secret.box.js';
import { WebhookKeyReader, WebhookKeys } from './webhook.keys.js';

/** Registration of webhook endpoints, without routes: the command line has it too. */
@Module({
  imports: [ProvidersModule],
  providers: [
    EndpointsService,
    EndpointDirectory,
    EndpointKeeper,
    EndpointStore,
    SecretBox,
    WebhookKeyReader,
    WebhookKeys,
  ],
  exports: [EndpointsService, WebhookKeys, WebhookKeyReader],
})
export class EndpointsModule {}
