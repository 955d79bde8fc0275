import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Failpoint } from '../../../src/kernel/failpoint.js';
import { call, type ReadinessAnswer } from './calls.js';
import { eventually } from './eventually.js';
import { serviceEnvironment, type ServiceSurroundings } from './service.environment.js';

/** The build under test. */
const MAIN = resolve('dist/main.js');

/** The service's stdin ends when we do, however we end: then it ends too, and no test leaves one behind. */
const DIE_WITH_US = `data:text/javascript,
  process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume().unref()`;

/** Several at once on a machine of two cores, each loading its modules, take their time. */
const START_WITHIN_MS = 60_000;
const LAST_WORDS = 20;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunOptions {
  /** The process kills itself there. */
  readonly failpoint?: Failpoint;
  /** False: resolve as soon as the process runs, whether or not it ever answers. Default true. */
  readonly awaitLive?: boolean;
}

export interface ServiceOptions extends RunOptions {
  readonly env?: Record<string, string>;
}

/** One real process of the service, on a port that stays its own over restarts. */
export class ServiceProcess {
  /** What it printed, line by line, over all its runs. */
  readonly lines: string[] = [];
  readonly url: string;
  private child: ChildProcess | undefined;
  private ended: Promise<Exit> = Promise.resolve({ code: null, signal: null });

  constructor(
    private readonly surroundings: ServiceSurroundings,
    private readonly env: Record<string, string> = {},
    /** Another build's main.js, see earlier.release.ts. */
    private readonly main = MAIN,
  ) {
    this.url = `http://127.0.0.1:${surroundings.port}`;
  }

  get port(): number {
    return this.surroundings.port;
  }

  /** Of the run that is on, or was the last. */
  get exited(): Promise<Exit> {
    return this.ended;
  }

  isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** @throws Error with what it printed, when it ended before it answered. */
  async start({ failpoint, awaitLive = true }: RunOptions = {}): Promise<void> {
    if (!existsSync(this.main)) throw new Error(`${this.main} is missing: run \`npm run build\` first`);
    const extra = failpoint === undefined ? this.env : { ...this.env, FAILPOINT: failpoint };
    const child = spawn(process.execPath, ['--import', DIE_WITH_US, this.main], {
      env: { PATH: process.env.PATH, ...serviceEnvironment(this.surroundings, extra) },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child = child;
    this.ended = new Promise((resolveExit) => {
      child.once('close', (code, signal) => resolveExit({ code, signal }));
    });
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8');
      collectLines(output, this.lines);
    }
    if (awaitLive) await this.live();
  }

  /** Resolves when it answers `/health/live`. */
  async live(): Promise<void> {
    const answers = async (): Promise<void> => {
      if (this.isRunning()) await fetch(`${this.url}/health/live`);
    };
    const silent = await eventually(answers, START_WITHIN_MS).then(
      () => !this.isRunning(),
      () => true,
    );
    if (!silent) return;
    const state = this.isRunning() ? 'does not answer' : 'ended';
    throw new Error(`the service ${state}:\n${this.lines.slice(-LAST_WORDS).join('\n')}`);
  }

  /** Resolves when it says that it can be sent work, and has its broker and stream. */
  async ready(): Promise<void> {
    await eventually(async () => {
      const { status, body } = await call<ReadinessAnswer>(this, '/health/ready');
      // The release before only answered 200 with all of it there.
      const missing = (body.degraded ?? []).filter(({ what }) => what === 'nats' || what === 'stream');
      if (status !== 200 || missing.length > 0) throw new Error(`not ready: ${JSON.stringify(body)}`);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Asks it to end, as an orchestrator does. */
  async stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.ended;
  }

  async kill9(): Promise<Exit> {
    this.child?.kill('SIGKILL');
    return this.ended;
  }

  /** Kills it if it still runs, and starts it again: without the failpoint, unless one is given. */
  async restart(options: RunOptions = {}): Promise<void> {
    await this.kill9();
    await this.start(options);
  }
}

function collectLines(output: NodeJS.ReadableStream, lines: string[]): void {
  let rest = '';
  output.on('data', (chunk: string) => {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  output.on('end', () => {
    if (rest !== '') lines.push(rest);
  });
}
