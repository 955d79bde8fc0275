// No relative imports here: jest's globalSetup loads this file without the mapping of `.js` to `.ts`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

const GRACE_MS = 10_000;

export interface ServerProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Its working directory. Removed when our process dies without having ended the server. */
  readonly privateDir: string;
  /** What it gets when our process dies: SIGKILL, unless it has processes of its own to end. */
  readonly orphanSignal?: 'SIGKILL' | 'SIGQUIT';
  /** Receives what the server prints. */
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface ServerProcess {
  readonly pid: number;
  isRunning(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal, SIGKILL after 10 s, and resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** The last lines that the server printed. */
  lastWords(): string;
}

// Blocks on a pipe that we hold and never write to. The kernel closes it however our process ends, also by
// kill -9, where no handler of ours would run. The folder is removed more than once because the server may
// write on while it dies; and the wait is bounded because a process whose init never reaps it looks alive.
const WATCH = `
  signal="$1" pid="$2" dir="$3" tries=0
  read -r _
  kill -"$signal" "$pid" 2>/dev/null
  while rm -rf -- "$dir"; kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -9 "$pid" 2>/dev/null
  rm -rf -- "$dir"
`;

/**
 * Starts a server that never outlives our process. It gets a session of its own, so that a Ctrl-C in the
 * terminal reaches only us and we decide when it ends; and it does not keep our event loop alive.
 * @throws Error when the program cannot be run
 */
export async function startProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { program, args, privateDir, logFile, orphanSignal = 'SIGKILL', uid, gid } = options;
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, {
    cwd: privateDir,
    detached: true,
    stdio: ['ignore', log, log],
    uid,
    gid,
  });
  closeSync(log);
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} has no process id`);
  const dismissWatcher = watch(pid, orphanSignal, privateDir);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void gone.then(dismissWatcher);
  child.unref();

  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    isRunning,
    signal: (signal) => void child.kill(signal),
    lastWords: () => readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n'),
    async end(signal) {
      if (!isRunning()) return;
      child.ref();
      child.kill(signal);
      // A process that was stopped by SIGSTOP takes no other signal until it goes on.
      child.kill('SIGCONT');
      const impatience = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await gone;
      clearTimeout(impatience);
    },
  };
}

function watch(pid: number, signal: NodeJS.Signals, privateDir: string): () => void {
  // The shell's kill knows signals without their SIG.
  const args = ['-c', WATCH, 'watch', signal.slice(3), String(pid), privateDir];
  const watcher = spawn('/bin/sh', args, {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  // A pipe of a child process is a socket, which would keep our event loop alive.
  if ('unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
  return () => void watcher.kill('SIGKILL');
}
