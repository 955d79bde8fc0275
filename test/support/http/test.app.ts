import { Module, type Type } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { createHash } from 'node:crypto';
import { AccessSettings, type ApiKey, ServiceSettings } from '../../../src/config/settings.js';
import { Database } from '../../../src/database/database.js';
import { HttpModule } from '../../../src/http/http.module.js';
import { configureHttp, createFastifyAdapter } from '../../../src/http/http.server.js';
import { PinoLogger } from '../../../src/http/logging/pino.logger.js';
import { describeApi } from '../../../src/http/openapi.js';
import { LogLines } from './log.lines.js';

export interface TestAppOptions {
  service?: Partial<ServiceSettings>;
  apiKeys?: readonly ApiKey[];
  database?: Database;
}

export interface TestApp {
  app: NestFastifyApplication;
  logs: LogLines;
}

const SERVICE: ServiceSettings = {
  port: 0,
  host: '127.0.0.1',
  nodeEnv: 'test',
  logLevel: 'info',
  publicUrl: 'http://127.0.0.1',
  trustedProxies: [],
  rateLimit: 120,
  corsOrigins: [],
  redirectOrigins: [],
  shutdownDrainMs: 0,
  failpoint: undefined,
  installationId: undefined,
};

/** The real HTTP edge around some controllers, not yet started. */
export async function buildTestApp(
  controllers: readonly Type<object>[],
  options: TestAppOptions = {},
): Promise<TestApp> {
  const settings: ServiceSettings = { ...SERVICE, ...options.service };
  const logs = new LogLines();
  const slices = [
    { provide: ServiceSettings, useValue: settings },
    { provide: AccessSettings, useValue: { apiKeys: options.apiKeys ?? [] } },
    { provide: Database, useValue: options.database ?? null },
  ];

  @Module({ providers: slices, exports: slices })
  class SettingsForTests {}

  const testing = await Test.createTestingModule({
    imports: [{ module: SettingsForTests, global: true }, HttpModule],
    controllers: [...controllers],
  })
    .overrideProvider(PinoLogger)
    .useValue(logs.logger)
    .compile();
  const app = testing.createNestApplication<NestFastifyApplication>(createFastifyAdapter(settings), {
    bodyParser: false,
    logger: logs.logger,
  });
  await configureHttp(app, settings);
  describeApi(app);
  return { app, logs };
}

/** The same, started; nothing listens until supertest asks. */
export async function startTestApp(
  controllers: readonly Type<object>[],
  options: TestAppOptions = {},
): Promise<TestApp> {
  const built = await buildTestApp(controllers, options);
  await built.app.init();
  await built.app.getHttpAdapter().getInstance().ready();
  return built;
}

/** An entry of API_KEYS for the key `<name>-key`. */
export function apiKey(name: string, role: ApiKey['role']): ApiKey {
  return { name, group: name, role, hash: createHash('sha256').update(`${name}-key`).digest() };
}
