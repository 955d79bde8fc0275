import { Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { NatsConnection } from './nats.connection.js';

@Module({ providers: [NatsConnection], exports: [NatsConnection] })
export class NatsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly connection: NatsConnection) {}

  onApplicationBootstrap(): void {
    this.connection.open();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}
