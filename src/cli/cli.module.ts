import { type DynamicModule, Module } from '@nestjs/common';
import type { Environment } from '../config/environment.js';
import { SettingsModule } from '../config/settings.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { KernelModule } from '../kernel/kernel.module.js';
import { OpsModule } from '../ops/ops.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { EndpointsModule } from '../webhooks/endpoint/endpoints.module.js';
import { EventStore } from '../webhooks/events/event.store.js';
import { EventsService } from '../webhooks/events/events.service.js';

/**
 * What the commands need, and nothing that works by itself: no worker, relay, janitor, listener or broker. The
 * service's check for webhook keys is not here either: the first key is made with this.
 */
@Module({})
export class CliModule {
  /** @throws EnvironmentFaults */
  static register(environment?: Environment): DynamicModule {
    return {
      module: CliModule,
      imports: [
        KernelModule,
        SettingsModule.register(environment),
        DatabaseModule,
        OpsModule,
        ProvidersModule,
        EndpointsModule,
      ],
      providers: [EventStore, EventsService],
    };
  }
}
