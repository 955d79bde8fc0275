import { type DynamicModule, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Environment } from '../config/environment.js';
import { readSettings, SettingsModule } from '../config/settings.module.js';
import { Database } from '../database/database.js';
import { DatabaseModule } from '../database/database.module.js';
import { buildMissingIndexes, migrationCount, missingIndexNames } from '../database/migrate.js';
import { scrubText } from '../http/logging/scrub.js';
import { KernelModule } from '../kernel/kernel.module.js';
import { OpsModule } from '../ops/ops.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { EndpointsModule } from '../webhooks/endpoint/endpoints.module.js';
import { EndpointsService } from '../webhooks/endpoint/endpoints.service.js';
import { EventStore } from '../webhooks/events/event.store.js';
import { EventsService } from '../webhooks/events/events.service.js';

/** Nest tells a failed start itself, and then we tell it. */
const TOLD_TWICE = 'ExceptionHandler';

/** What goes wrong beside the answer, on stderr: stdout is the answer's alone. */
class TerminalLogger implements LoggerService {
  constructor(private readonly write: (text: string) => void) {}

  log(): void {
    // Who did what is for the service's log; here the answer says it.
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.line('warning', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.line('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.line('error', message, rest);
  }

  private line(level: string, message: unknown, rest: readonly unknown[]): void {
    if (rest.at(-1) === TOLD_TWICE) return;
    this.write(`${level}: ${scrubText(message instanceof Error ? message.message : String(message))}\n`);
  }
}

/** Nothing that works by itself: no worker, relay, janitor, listener or broker; no check for webhook keys either. */
@Module({})
class CliModule {
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

/** What a command works with. */
export interface Session {
  endpoints: Pick<EndpointsService, 'list' | 'register' | 'rotate' | 'delete' | 'ping'>;
  events: Pick<EventsService, 'list' | 'replay' | 'replayDead'>;
  /** Brought up to date when the session was opened, as at every start. */
  schema: {
    migrations: number;
    missingIndexes(): Promise<string[]>;
    /** @returns the names of what it has built. */
    buildIndexes(): Promise<string[]>;
  };
}

export type InSession = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/** On the service's own database and providers. `warn` is told what happens beside the answer. */
export function sessionsFrom(warn: (text: string) => void, environment?: Environment): InSession {
  return async (work) => {
    for (const line of readSettings(environment).warnings) warn(`warning: ${line}\n`);
    const context = await NestFactory.createApplicationContext(CliModule.register(environment), {
      logger: new TerminalLogger(warn),
      abortOnError: false,
    });
    try {
      const database = context.get(Database);
      return await work({
        endpoints: context.get(EndpointsService),
        events: context.get(EventsService),
        schema: {
          migrations: migrationCount(),
          missingIndexes: () => missingIndexNames(database),
          buildIndexes: () => buildMissingIndexes(database, (line) => warn(`${line}\n`)),
        },
      });
    } finally {
      await context.close();
    }
  };
}
