import { Logger, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { OrdersErrorFilter } from './orders.errors.js';
import { natsTransport, OrdersModule } from './orders.module.js';
import type { OrdersSettings } from './orders.settings.js';

/** Starts the HTTP side and, as soon as there is a broker, the NATS side. */
export async function startOrders(settings: OrdersSettings): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    OrdersModule.with(settings),
    new FastifyAdapter(),
  );
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
  app.useGlobalFilters(new OrdersErrorFilter());
  // Without inheritAppConfig the NATS side would have neither the pipe nor the filter.
  app.connectMicroservice(natsTransport(settings.nats), { inheritAppConfig: true });

  // Not awaited: while the broker is away this does not resolve, and the pages should be there all the same.
  app.startAllMicroservices().catch((error: unknown) => new Logger('Orders').error(String(error)));
  await app.listen(settings.port, settings.host);
  return app;
}
