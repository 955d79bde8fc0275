import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { setTimeout as delay } from 'node:timers/promises';
import { AppModule } from './app.module.js';
import type { Environment } from './config/environment.js';
import { readSettings } from './config/settings.module.js';
import type { Settings } from './config/settings.js';
import { startReport, startText } from './config/start.report.js';
import { configureHttp, createFastifyAdapter, listen } from './http/http.server.js';
import { PinoLogger } from './http/logging/pino.logger.js';
import { describeApi } from './http/openapi.js';
import { Metrics, timeRequests } from './ops/metrics.js';
import { ReadinessRegistry } from './ops/readiness.js';
import { NatsServer } from './nats/nats.server.js';
import { ProviderRegistry } from './providers/provider.registry.js';
import { WebhookKeys } from './webhooks/endpoint/webhook.keys.js';

/**
 * Starts HTTP, and NATS requests as soon as the broker is there.
 * @param environment in place of the process's own (tests). @throws EnvironmentFaults
 * @returns also where it listens, such as `http://127.0.0.1:3003`.
 */
export async function startApp(environment?: Environment) {
  const settings = readSettings(environment);
  const logger = new PinoLogger(settings.service);
  for (const line of settings.warnings) logger.warn(line, 'Environment');
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(environment),
    createFastifyAdapter(settings.service),
    { bodyParser: false, logger, abortOnError: false },
  );
  app.useLogger(app.get(PinoLogger));
  const readiness = app.get(ReadinessRegistry);
  await configureHttp(app, settings.service, () => readiness.shuttingDown);
  timeRequests(app.getHttpAdapter().getInstance(), app.get(Metrics));
  app.connectMicroservice(
    { strategy: new NatsServer(settings.nats, settings.orders) },
    { inheritAppConfig: true },
  );
  describeApi(app);
  // Not awaited on purpose: it settles when the broker answers, and we serve HTTP before that.
  void app.startAllMicroservices();
  const url = await listen(app, settings.service);
  // Nor is this: it waits a moment for the broker.
  void announce(app, settings, url);
  return { app, url };
}

const ANNOUNCE_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 250;

/** Tells once what kind of start this was: one line of the log, and a text in development or at a terminal. */
async function announce(app: NestFastifyApplication, settings: Settings, url: string): Promise<void> {
  const registry = app.get(ReadinessRegistry);
  const begin = performance.now();
  let readiness = await registry.report();
  const mayChange = (): boolean => readiness.status !== 'ok' && !registry.shuttingDown;
  while (mayChange() && performance.now() - begin < ANNOUNCE_WITHIN_MS) {
    await delay(LOOK_EVERY_MS, undefined, { ref: false });
    readiness = await registry.report();
  }
  if (registry.shuttingDown) return;
  const keys = app.get(WebhookKeys, { strict: false });
  const providers = await Promise.all(
    app.get(ProviderRegistry, { strict: false }).all.map(async ({ name, livemode, hasWebhookKeys }) => {
      const registeredKeys = (await keys.of(name)).keys.length;
      return { name, livemode, hasWebhookKeys, registeredKeys };
    }),
  );
  const report = startReport(settings, { url, providers, readiness });
  app.get(PinoLogger).info({ start: report }, 'started');
  const { logLevel, nodeEnv } = settings.service;
  const isRead = nodeEnv === 'development' || process.stderr.isTTY;
  // Not on stdout, whose lines are JSON.
  if (isRead && ['info', 'debug', 'trace'].includes(logLevel)) process.stderr.write(startText(report));
}
