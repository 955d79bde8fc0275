// Loaded by jest's globalSetup, which does not map `.js` to `.ts`: imports here end in `.ts`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../sandbox/servers/free-port.ts';
import { startEmbeddedPostgres, type PostgresOptions } from '../../../src/database/embedded.postgres.ts';

export interface PostgresServer {
  /** The superuser's URL of the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Ends the server and removes its data: it cannot be restarted. */
  stop(): Promise<void>;
  /** Ends it as a crash does, connections cut and nothing flushed; the data stay: it is down until `restart()`. */
  kill(): Promise<void>;
  /** Down if it is still up (open transactions are aborted), and up again on the same port and data. */
  restart(): Promise<void>;
}

export interface PostgresServerOptions {
  /** It survives a power cut. */
  readonly durable?: boolean;
  /** PEM texts: it speaks TLS to whoever asks for it. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/**
 * Starts a private Postgres on 127.0.0.1, the one that the service embeds. It trusts every connection, keeps nothing
 * safe from a power cut unless it is `durable`, and is gone at the latest when our process is.
 */
export async function startPostgres({ durable, tls }: PostgresServerOptions = {}): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pg-'));
  // Kept while it is down: outside of the range that the system gives to others.
  const port = await freePort();
  const settings = ['max_connections=200', 'shared_buffers=64MB', 'max_wal_size=1GB'];
  if (durable !== true) settings.push('fsync=off', 'full_page_writes=off');
  if (tls !== undefined) settings.push('ssl=on');
  const options: PostgresOptions = {
    port,
    settings,
    throwaway: true,
    async prepare(cluster, own) {
      if (tls === undefined) return;
      // Postgres takes no key that others may read.
      for (const [name, text] of [
        ['server.key', tls.key],
        ['server.crt', tls.cert],
      ] as const) {
        await writeFile(join(cluster, name), text, { mode: 0o600 });
        await own(join(cluster, name));
      }
    },
  };
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  let server = await startEmbeddedPostgres(folder, options).catch(async (error: unknown) => {
    await discard();
    throw error;
  });
  return {
    adminUrl: server.url,
    port,
    get pid() {
      return server.pid;
    },
    async stop() {
      await server.stop();
      await discard();
    },
    kill: () => server.stop('SIGQUIT'),
    async restart() {
      await server.stop();
      server = await startEmbeddedPostgres(folder, options);
    },
  };
}
