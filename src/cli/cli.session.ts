import { NestFactory } from '@nestjs/core';
import type { Environment } from '../config/environment.js';
import { readSettings } from '../config/settings.module.js';
import { Database } from '../database/database.js';
import { buildMissingIndexes, migrationCount, missingIndexNames } from '../database/migrate.js';
import { EndpointsService } from '../webhooks/endpoint/endpoints.service.js';
import { EventsService } from '../webhooks/events/events.service.js';
import { CliModule } from './cli.module.js';
import { TerminalLogger } from './terminal.logger.js';

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

/** Opens a session for some work, and closes it after that, however it ends. */
export type InSession = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/**
 * Sessions on the service's own database and providers.
 * @param warn where what happens beside the answer is told.
 * @param environment in place of the process's own (tests).
 */
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
