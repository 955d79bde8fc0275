import { Module, type DynamicModule } from '@nestjs/common';
import { ClientsModule, Transport, type NatsOptions } from '@nestjs/microservices';
import { OrdersController } from './orders.controller.js';
import { NATS_SERVICE, OrdersService } from './orders.service.js';
import { ORDERS_SETTINGS, type NatsSettings, type OrdersSettings } from './orders.settings.js';
import { OrdersStore } from './orders.store.js';
import { DurablePaymentsListener } from './payments.durable.listener.js';
import { LegacyPaymentsListener } from './payments.legacy.listener.js';

@Module({})
export class OrdersModule {
  /** The whole service with the listeners that the settings ask for. */
  static with(settings: OrdersSettings): DynamicModule {
    return {
      module: OrdersModule,
      imports: [ClientsModule.register([{ name: NATS_SERVICE, ...natsTransport(settings.nats) }])],
      controllers: [OrdersController, ...(settings.listener === 'durable' ? [] : [LegacyPaymentsListener])],
      providers: [
        { provide: ORDERS_SETTINGS, useValue: settings },
        OrdersStore,
        OrdersService,
        ...(settings.listener === 'legacy' ? [] : [DurablePaymentsListener]),
      ],
    };
  }
}

/** Waits for a broker that is not there yet, and reconnects for ever: the defaults give up, the second after 20 s. */
export function natsTransport(nats: NatsSettings): NatsOptions {
  return {
    transport: Transport.NATS,
    options: { ...nats, waitOnFirstConnect: true, maxReconnectAttempts: -1 },
  };
}
