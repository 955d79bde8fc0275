import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Environment } from './config/environment.js';
import { readSettings } from './config/settings.module.js';
import { createFastifyAdapter, configureHttp } from './http/http.server.js';
import { PinoLogger } from './http/logging/pino.logger.js';
import { describeApi } from './http/openapi.js';
import { timeRequests } from './ops/http.timing.js';
import { Metrics } from './ops/metrics.js';
import { natsStrategy } from './nats/nats.server.js';

export interface RunningApp {
  app: NestFastifyApplication;
  /** Where it listens, such as `http://127.0.0.1:3003`. */
  url: string;
}

/**
 * Starts the hybrid service: HTTP, and NATS requests as soon as the broker is there.
 * @param environment in place of the process's own (tests).
 * @throws EnvironmentFaults
 */
export async function startApp(environment?: Environment): Promise<RunningApp> {
  const settings = readSettings(environment);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(environment),
    createFastifyAdapter(settings.service),
    { bodyParser: false, logger: new PinoLogger(settings.service), abortOnError: false },
  );
  app.useLogger(app.get(PinoLogger));
  await configureHttp(app, settings.service);
  timeRequests(app.getHttpAdapter().getInstance(), app.get(Metrics));
  app.connectMicroservice(
    { strategy: natsStrategy(settings.nats, settings.orders) },
    { inheritAppConfig: true },
  );
  describeApi(app);
  // Not awaited on purpose: it settles when the broker answers, and we serve HTTP before that.
  void app.startAllMicroservices();
  await app.listen(settings.service.port, settings.service.host);
  return { app, url: await app.getUrl() };
}
