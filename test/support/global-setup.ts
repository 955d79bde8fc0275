// jest's globalSetup does not map `.js` to `.ts`: imports here end in `.ts`.
import { requireServer } from '../../sandbox/servers/binaries.ts';
import { startPostgres, type PostgresServer } from './servers/postgres.server.ts';

declare global {
  var testPostgres: PostgresServer | undefined;
}

/** Before the first test: the servers' programs are there, and one Postgres runs for all the tests. */
export default async function globalSetup(): Promise<void> {
  const [postgres] = await Promise.all([
    startPostgres(),
    requireServer('nats-server', (line) => console.log(line)),
  ]);
  globalThis.testPostgres = postgres;
  process.env.TEST_POSTGRES_URL = globalThis.testPostgres.adminUrl;
}
