import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProcess } from 'payments-sandbox/servers/server.process.js';
import { DemoFailure } from './demo.failure.js';
import { until } from './until.js';

/** A machine that is busy with other things takes its time to load a program. */
const READY_WITHIN_MS = 120_000;

export interface NodeProgram {
  /** A short word: its log is `<name>.log`. */
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Working directory and log, removed when the demo is killed. */
  readonly folder: string;
  /** Answers 200 once the program is ready; a body that says what it still lacks counts. */
  readonly readyUrl: string;
}

export interface NodeProcess {
  readonly name: string;
  stop(): Promise<void>;
  /** The end of what it printed. */
  tail(lines: number): string;
}

/**
 * Starts a Node program with nothing of our environment but PATH and HOME: a developer's DATABASE_URL or live
 * key must not get into the demo. It never outlives us.
 * @throws DemoFailure when it ends, or is not ready within 2 minutes
 */
export async function startNode(program: NodeProgram): Promise<NodeProcess> {
  const { name, folder } = program;
  const logFile = join(folder, `${name}.log`);
  const inherited = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? folder };
  const variables = Object.entries({ ...inherited, ...program.env }).map(([key, value]) => `${key}=${value}`);
  const child = await startProcess({
    program: '/usr/bin/env',
    args: ['-i', ...variables, process.execPath, program.script, ...(program.args ?? [])],
    privateDir: folder,
    logFile,
  });
  const tail = (lines: number): string =>
    readFileSync(logFile, 'utf8').trim().split('\n').slice(-lines).join('\n');
  try {
    await until({
      what: `${name} to be ready`,
      read: async () => !child.isRunning() || isReady(program.readyUrl),
      holds: (over) => over,
      withinMs: READY_WITHIN_MS,
    });
    if (!child.isRunning()) throw new DemoFailure(`${name} ended at its start`);
  } catch (error) {
    const log = tail(15);
    await child.end('SIGKILL');
    const reason = error instanceof Error ? error.message : String(error);
    throw new DemoFailure(`${reason}\n${log}`, { cause: error });
  }
  return { name, tail, stop: () => child.end('SIGTERM') };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return answer.status === 200 && !(await answer.text()).includes('"status":"degraded"');
}
