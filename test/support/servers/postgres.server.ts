// Loaded by jest's globalSetup, which does not map `.js` to `.ts`: imports here end in `.ts`.
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireServer, type Say } from '../../../sandbox/servers/binaries.ts';
import { freePort } from '../../../sandbox/servers/free-port.ts';
import { startProcess, type ServerProcess } from '../../../sandbox/servers/server.process.ts';
import { createDatabase, waitForPostgres } from './postgres.admin.ts';
import { clusterOwner, createCluster, type Owner } from './postgres.cluster.ts';

const SUPERUSER = 'postgres';

export interface PostgresServer {
  /** The superuser's URL of the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Creates a database, a copy of the template where one is named; its URL. A name is made up unless given. */
  createDatabase(name?: string, options?: { template?: string }): Promise<string>;
  /** Ends the server and removes its data: it cannot be restarted. */
  stop(): Promise<void>;
  /** Ends it as a crash does, connections cut and nothing flushed; the data stay: it is down until `restart()`. */
  kill(): Promise<void>;
  /** Down if it is still up (open transactions are aborted), and up again on the same port and data. */
  restart(): Promise<void>;
}

export interface PostgresServerOptions {
  readonly say?: Say;
  /** It survives a power cut. */
  readonly durable?: boolean;
  /** PEM texts: it speaks TLS to whoever asks for it. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/**
 * Starts a private Postgres cluster on 127.0.0.1, installed if it may be. It trusts every connection, keeps
 * nothing safe from a power cut unless it is `durable`, and is gone at the latest when our process is.
 * @throws Error of one line where Postgres is missing; Error with the server's last words where it does not
 * start
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const program = await requireServer('postgres', options.say);
  const owner = await clusterOwner();
  const privateDir = await mkdtemp(join(tmpdir(), 'pg-'));
  try {
    await createCluster(program, privateDir, SUPERUSER, owner);
    return await start(program, privateDir, owner, options);
  } catch (error) {
    await rm(privateDir, { recursive: true, force: true });
    throw error;
  }
}

async function start(
  program: string,
  privateDir: string,
  owner: Owner,
  { durable = false, tls }: PostgresServerOptions,
): Promise<PostgresServer> {
  const port = await freePort();
  const adminUrl = `postgres://${SUPERUSER}@127.0.0.1:${port}/postgres`;
  const settings = ['max_connections=200', ...(durable ? [] : ['fsync=off', 'full_page_writes=off'])];
  if (tls !== undefined) {
    await keepFor(owner, join(privateDir, 'data/server.key'), tls.key);
    await keepFor(owner, join(privateDir, 'data/server.crt'), tls.cert);
    settings.push('ssl=on');
  }
  const args = ['-D', join(privateDir, 'data'), '-h', '127.0.0.1', '-p', String(port), '-k', privateDir];
  args.push(...settings.flatMap((setting) => ['-c', setting]));

  const launch = async (): Promise<ServerProcess> => {
    const logFile = join(privateDir, 'postgres.log');
    const server = await startProcess({
      program,
      args,
      privateDir,
      logFile,
      orphanSignal: 'SIGQUIT',
      ...owner,
    });
    try {
      // Through the socket in our own folder: on the TCP port it could be another server that answers.
      await waitForPostgres({ host: privateDir, port, user: SUPERUSER, database: 'postgres' }, server);
      return server;
    } catch (error) {
      await server.end('SIGKILL');
      throw error;
    }
  };
  let server = await launch();

  return {
    adminUrl,
    port,
    get pid() {
      return server.pid;
    },
    createDatabase: (name, options) => createDatabase(adminUrl, name, options),
    async stop() {
      await server.end('SIGINT');
      await rm(privateDir, { recursive: true, force: true });
    },
    kill: () => server.end('SIGQUIT'),
    async restart() {
      await server.end('SIGINT');
      server = await launch();
    },
  };
}

/** Postgres takes no key that others may read. */
async function keepFor({ uid, gid }: Owner, file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await chown(file, uid, gid);
}
