// Imports end in `.ts`: see embedded.programs.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  discard,
  findPrograms,
  lastLine,
  nativeFolder,
  run,
  type User,
  userFor,
} from './embedded.programs.ts';
import { addressOf, freePort, launch, type Place, PLAIN, takeOver } from './embedded.server.ts';

const SUPERUSER = 'postgres';
/** A port that was free may be somebody else's by the time Postgres listens. */
const ATTEMPTS = 5;

export interface PostgresOptions {
  /** Default: a free one at each start. */
  readonly port?: number;
  /** `name=value`, stronger than ours. */
  readonly settings?: readonly string[];
  /** Without a password, and gone with our process (tests). */
  readonly throwaway?: boolean;
  /** Runs before Postgres starts, on its cluster's folder; `own` gives it a file. */
  readonly prepare?: (cluster: string, own: (file: string) => Promise<void>) => Promise<void>;
  /** Folder of its programs (tests). */
  readonly native?: string;
}

export interface EmbeddedPostgres {
  /** The superuser's, of the database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when it is gone. SIGINT: open transactions are aborted, all is in order; SIGQUIT: as in a crash. */
  stop(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
}

const begun = new Map<string, Promise<EmbeddedPostgres>>();

/** Starts it while the rest of the service is loaded. A failure is for `embeddedPostgres` to tell. */
export function beginEmbeddedPostgres(directory: string): void {
  const starting = startEmbeddedPostgres(directory);
  starting.catch(() => undefined);
  begun.set(directory, starting);
}

/** The one that was begun, or a new one. */
export function embeddedPostgres(directory: string): Promise<EmbeddedPostgres> {
  const starting = begun.get(directory) ?? startEmbeddedPostgres(directory);
  begun.delete(directory);
  return starting;
}

/**
 * Starts the Postgres that npm installed on a loopback port, with its cluster in `directory`/postgres and its URL in
 * `directory`/postgres.json. In its own process group (Ctrl-C reaches us alone), and never longer than we live. Started by
 * root it runs as the owner of the cluster, at first `nobody`.
 * @throws DirectoryInUse, or Error of one line that says what to do.
 */
export async function startEmbeddedPostgres(
  directory: string,
  options: PostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const home = resolve(directory);
  const cluster = join(home, 'postgres');
  const user = await userFor(cluster);
  const programs = await findPrograms(user, options.native ?? nativeFolder());
  const place = { home, cluster, programs, user };
  try {
    await refuseOtherKinds(place);
    await fs.mkdir(home, { recursive: true });
    const notes = await readNotes(place);
    const password = options.throwaway === true ? undefined : notes.password;
    if (!existsSync(cluster)) await makeCluster(place, password);
    await options.prepare?.(cluster, (file) => own(file, user));
    for (let attempt = 1; ; attempt += 1) {
      await takeOver(place, notes.host);
      const port = options.port ?? (await freePort());
      const server = await launch(place, port, options.settings, options.throwaway);
      if (await server.isReady()) {
        const who = password === undefined ? SUPERUSER : `${SUPERUSER}:${password}`;
        const url = `postgres://${who}@127.0.0.1:${port}/postgres`;
        await writeNotes(home, { ...notes, host: hostname(), url });
        return { url, port, pid: server.pid, stop: server.stop };
      }
      const words = server.lastWords();
      await server.stop('SIGQUIT');
      // Somebody was faster: at the port, or at the directory.
      if (attempt === ATTEMPTS || !/Address already in use|"postmaster.pid" already exists/.test(words)) {
        throw new Error(`the embedded Postgres in ${directory} did not start: ${words}`);
      }
    }
  } catch (error) {
    await discard(programs);
    throw error;
  }
}

/** What was not made by this kind of database is never touched. */
async function refuseOtherKinds({ home, cluster, programs: { major } }: Place): Promise<void> {
  const anew = (what: string): string =>
    `to start anew, set DATA_DIR to another folder or move ${join(home, what)} away`;
  if (existsSync(join(home, 'pglite'))) {
    throw new Error(
      `${home} holds the database of an earlier release (PGlite), which this one cannot read: ${anew('pglite')}`,
    );
  }
  if (existsSync(join(home, 'PG_VERSION'))) {
    throw new Error(
      `${home} is a database of another Postgres: set DATA_DIR to a folder of the service's own`,
    );
  }
  if (!existsSync(cluster)) return;
  const text = await fs.readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => 'unknown');
  const version = text.trim();
  if (version === major) return;
  throw new Error(
    `${home} holds a database of Postgres ${version}, and this release brings Postgres ${major}: ${anew('postgres')}`,
  );
}

interface Notes {
  readonly password: string;
  /** The machine that started it last. */
  readonly host: string;
  /** While it runs. */
  readonly url?: string;
}

async function readNotes({ home, cluster }: Place): Promise<Notes> {
  const file = join(home, 'postgres.json');
  const text = await fs.readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) return JSON.parse(text);
  if (existsSync(cluster)) {
    throw new Error(
      `${file} is missing, and the password of the database with it: set DATA_DIR to another folder`,
    );
  }
  const notes = { password: randomBytes(24).toString('hex'), host: hostname() };
  await writeNotes(home, notes);
  return notes;
}

async function writeNotes(home: string, notes: Notes): Promise<void> {
  const draft = join(home, `.postgres.json.${process.pid}`);
  await fs.writeFile(draft, JSON.stringify(notes), { mode: 0o600 });
  await fs.rename(draft, join(home, 'postgres.json'));
}

/** It appears whole or not at all. Not synced: a power cut within half a minute costs a database that is as old. */
async function makeCluster({ home, cluster, programs, user }: Place, password?: string): Promise<void> {
  const draft = await fs.mkdtemp(`${cluster}-`);
  const secret = await fs.mkdtemp(join(tmpdir(), 'payments-secret-'));
  try {
    const passwordFile = join(secret, 'password');
    await fs.writeFile(passwordFile, password ?? '', { mode: 0o600 });
    for (const file of [draft, secret, passwordFile]) await own(file, user);
    const { cwd, path } = addressOf(draft, user);
    const args = ['-D', path, '-U', SUPERUSER, '--no-sync', '--no-instructions'];
    args.push('-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
    if (password === undefined) args.push('--auth=trust');
    // One iteration will do: the password is random.
    else args.push('--auth=scram-sha-256', `--pwfile=${passwordFile}`, '-c', 'scram_iterations=1');
    await run(join(programs.folder, 'bin/initdb'), args, { ...user, cwd, env: PLAIN });
    // Where somebody else was faster, theirs stands.
    await fs.rename(draft, cluster).catch((error: unknown) => {
      if (!existsSync(cluster)) throw error;
    });
  } catch (cause) {
    throw new Error(`the embedded database in ${home} could not be made: ${lastLine(cause)}`, { cause });
  } finally {
    await fs.rm(draft, { recursive: true, force: true });
    await fs.rm(secret, { recursive: true, force: true });
  }
}

async function own(file: string, user: User | undefined): Promise<void> {
  if (user !== undefined) await fs.chown(file, user.uid, user.gid);
}
