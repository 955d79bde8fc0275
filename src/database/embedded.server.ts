// Imports end in `.ts`: see embedded.programs.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, discard, type Programs, run, type User } from './embedded.programs.ts';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const POLL_MS = 10;

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

/** Another service has the directory, or may have it. */
export class DirectoryInUse extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DirectoryInUse';
  }
}

/** `cluster` is the folder `postgres` of the directory `home`. */
export interface Place {
  readonly home: string;
  readonly cluster: string;
  readonly programs: Programs;
  readonly user: User | undefined;
}

/** Not our environment: PGOPTIONS and the like are for another Postgres. */
export const PLAIN = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Another user may not be able to pass the folders above: it starts inside, and names the place by that. */
export function addressOf(cluster: string, user: User | undefined): { cwd: string; path: string } {
  const isGuest = user !== undefined && process.platform === 'linux';
  return { cwd: cluster, path: isGuest ? '/proc/self/cwd' : cluster };
}

/** A Postgres that lost its service is ended; one whose service lives keeps the directory. */
export async function takeOver({ home, cluster }: Place, host: string): Promise<void> {
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

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

export async function launch(
  { home, cluster, programs, user }: Place,
  port: number,
  wanted: readonly string[] = [],
  isThrowaway = false,
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
