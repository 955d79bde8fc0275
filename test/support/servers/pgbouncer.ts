import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServer, requireServer } from '../../../sandbox/servers/binaries.js';
import { freePort } from '../../../sandbox/servers/free-port.js';
import { startProcess } from '../../../sandbox/servers/server.process.js';
import { userFor } from '../../../src/database/embedded.programs.js';
import { until } from '../outbox/until.js';
import { runStatement } from './database.js';

/** Where it may neither be found nor installed: how to get it. Undefined: it is there. */
export async function pgbouncerMissing(): Promise<string | undefined> {
  if (findServer('pgbouncer') !== undefined) return undefined;
  return requireServer('pgbouncer').then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

export interface Pgbouncer {
  readonly port: number;
  /** The same database through the pooler. */
  urlOf(databaseUrl: string): string;
  stop(): Promise<void>;
}

/**
 * Starts a private pgbouncer on 127.0.0.1, in transaction mode unless the settings say otherwise, before the run's
 * Postgres.
 * @param settings lines of its section [pgbouncer], such as `default_pool_size: 2`.
 * @throws Error of one line where it is missing; Error with its last words where it does not start
 */
export async function startPgbouncer(settings: Record<string, string | number> = {}): Promise<Pgbouncer> {
  const program = await requireServer('pgbouncer');
  // It refuses root, as Postgres does.
  const user = await userFor('');
  const target = new URL(process.env.TEST_POSTGRES_URL ?? '');
  const port = await freePort();
  const privateDir = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  if (user !== undefined) await chown(privateDir, user.uid, user.gid);
  const lines = Object.entries({
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    ...settings,
  }).map(([name, value]) => `${name} = ${value}`);
  const databases = `[databases]\n* = host=${target.hostname} port=${target.port} user=${target.username}\n`;
  const config = join(privateDir, 'pgbouncer.ini');
  await writeFile(config, `${databases}[pgbouncer]\n${lines.join('\n')}\n`);
  const server = await startProcess({
    program,
    args: [config],
    privateDir,
    logFile: join(privateDir, 'pgbouncer.log'),
    ...user,
  });
  const stop = async (): Promise<void> => {
    await server.end('SIGKILL');
    await rm(privateDir, { recursive: true, force: true });
  };
  try {
    const connection = { host: '127.0.0.1', port, user: target.username, database: 'postgres' };
    await until(() =>
      runStatement(connection, 'select 1').then(
        () => true,
        () => !server.isRunning(),
      ),
    );
    if (!server.isRunning()) throw new Error(`pgbouncer ended at its start: ${server.lastWords()}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    urlOf(databaseUrl) {
      const url = new URL(databaseUrl);
      url.port = String(port);
      return url.href;
    },
    stop,
  };
}
