import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { requireServer, type Say } from './binaries.js';
import { freePort } from './free-port.js';
import { waitForInfo } from './nats.info.js';
import { startProcess, type ServerProcess } from './server.process.js';

export interface NatsServerOptions {
  /** A free loopback port unless given. */
  readonly port?: number;
  /** The server's own name, which a cluster knows it by: the same over restarts, made up unless given. */
  readonly name?: string;
  /** Default true. */
  readonly jetstream?: boolean;
  /** Where JetStream stores; kept when the server stops. Unless given: a folder that is removed then. */
  readonly storeDir?: string;
  /** Gets one line when nats-server must be installed first. */
  readonly say?: Say;
  /** Lines for the server's configuration file, such as `max_payload: 2048`. */
  readonly config?: string;
}

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly storeDir: string;
  /** Ends the server and removes its own folder: it cannot be restarted. */
  stop(): Promise<void>;
  /** kill -9, the store stays: the server is down until `restart()`. */
  kill(): Promise<void>;
  /** Down if it is still up, and up again on the same port with the same store. */
  restart(): Promise<void>;
  /** Freezes the process (SIGSTOP): connections stay open and nothing is answered. */
  pause(): void;
  resume(): void;
}

const ATTEMPTS = 3;

/**
 * Starts a private nats-server on 127.0.0.1, installed if it may be. Resolves when it answers its INFO, and
 * is gone at the latest when our process is, however that ends.
 * @throws Error of one line where nats-server is missing; Error with the server's last words where it does
 * not start
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const program = await requireServer('nats-server', options.say);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(program, options, options.port ?? (await freePort()));
    } catch (error) {
      // Somebody may have taken the free port before the server did.
      const taken = error instanceof Error && error.message.includes('address already in use');
      if (!taken || options.port !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}

async function start(program: string, options: NatsServerOptions, port: number): Promise<NatsServer> {
  const { jetstream = true, config = '' } = options;
  const privateDir = await mkdtemp(join(tmpdir(), 'nats-'));
  const name = options.name ?? basename(privateDir);
  const storeDir = options.storeDir ?? join(privateDir, 'store');
  const configFile = join(privateDir, 'nats.conf');
  await writeFile(configFile, `${config}\n`);
  const args = ['-a', '127.0.0.1', '-p', String(port), '-n', name, '-c', configFile];
  if (jetstream) args.push('-js', '-sd', storeDir);

  const discard = (): Promise<void> => rm(privateDir, { recursive: true, force: true });
  const run = async (): Promise<ServerProcess> => {
    const server = await startProcess({ program, args, privateDir, logFile: join(privateDir, 'nats.log') });
    try {
      await waitForInfo(port, name, server);
      return server;
    } catch (error) {
      await server.end('SIGKILL');
      throw error;
    }
  };
  let server = await run().catch(async (error: unknown) => {
    await discard();
    throw error;
  });

  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    storeDir,
    get pid() {
      return server.pid;
    },
    async stop() {
      await server.end('SIGTERM');
      await discard();
    },
    kill: () => server.end('SIGKILL'),
    async restart() {
      await server.end('SIGTERM');
      server = await run();
    },
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
  };
}
