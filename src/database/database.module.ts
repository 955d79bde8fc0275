import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceSettings, StoreSettings } from '../config/settings.js';
import { describeError } from '../kernel/errors.js';
import { InstallationId } from '../kernel/ids.js';
import { DatabaseClock, Installation, ServiceFacts } from './service.store.js';
import { Database } from './database.js';
import { embeddedPostgres } from './embedded.postgres.js';
import { migrate } from './migrate.js';
import { isDatabaseUnavailable } from './sql.errors.js';

async function openDatabase(settings: StoreSettings): Promise<Database> {
  const logger = new Logger('Database');
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl === undefined)
    logger.warn(`embedded database in ${dataDir}: for development; set DATABASE_URL for anything else`);
  const embedded = databaseUrl === undefined ? await embeddedPostgres(dataDir) : undefined;
  const database = Database.open({
    url: databaseUrl ?? embedded?.url ?? '',
    tlsCa: settings.databaseTlsCa,
    migrationUrl: settings.migrationDatabaseUrl,
    poolSize: settings.databasePool,
    workerPoolSize: settings.databaseWorkerPool,
    onError: (error) => logger.error(`a database connection was lost: ${error.message}`),
    afterClose: async () => embedded?.stop(),
  });
  try {
    await migrateWhenReachable(database, logger);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

const RETRY_MS = 2_000;
const START_PATIENCE_MS = 60_000;

/** Of a pooler, in a class of errors that usually pass. */
const FOR_GOOD = /unsupported startup parameter/;

/** A database that starts together with us may need a moment. */
async function migrateWhenReachable(database: Database, logger: Logger): Promise<void> {
  for (let waited = 0; ; waited += RETRY_MS) {
    try {
      return void (await migrate(database, { onWait: (reason) => logger.warn(reason) }));
    } catch (error) {
      const isPassing = isDatabaseUnavailable(error) && !FOR_GOOD.test(describeError(error));
      if (!isPassing || waited >= START_PATIENCE_MS) throw error;
      logger.warn(`the database does not answer yet: ${describeError(error)}`);
      await delay(RETRY_MS);
    }
  }
}

async function openInstallation(database: Database, service: ServiceSettings): Promise<Installation> {
  const installation = await Installation.open(database.db, service.installationId);
  new Logger('Installation').log(`installation ${installation.id}`);
  return installation;
}

@Global()
@Module({
  providers: [
    { provide: Database, inject: [StoreSettings], useFactory: openDatabase },
    { provide: Installation, inject: [Database, ServiceSettings], useFactory: openInstallation },
    { provide: InstallationId, useExisting: Installation },
    DatabaseClock,
    ServiceFacts,
  ],
  exports: [Database, DatabaseClock, Installation, InstallationId, ServiceFacts],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly facts: ServiceFacts,
  ) {}

  /** Remembers when this database was first used: payments paid before that are nobody's news. */
  async onModuleInit(): Promise<void> {
    await this.facts.dateOf(this.database.db, 'first_start');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
