import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort } from '../sandbox/servers/free-port.js';
import { startNatsServer } from '../sandbox/servers/nats.server.js';
import { createDatabase, runStatement } from '../test/support/servers/database.js';
import { startPostgres } from '../test/support/servers/postgres.server.js';

/** The repository; this file runs as bench/dist/bench/stage.js. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const START_WITHIN_MS = 120_000;
const LAST_WORDS = 20;

export interface Program {
  readonly url: string;
  readonly pid: number;
  /** From its start to the first 200. */
  readonly readyAfterMs: number;
  kill(): Promise<void>;
}

/** What stands around the contenders: a Postgres with fsync, a nats-server, and the logs of all that is started. */
export class Stage {
  private databases = 0;
  private readonly programs = new Set<Program>();
  private closing: Promise<void> | undefined;

  private constructor(
    readonly natsUrl: string,
    readonly adminUrl: string,
    private readonly admin: pg.Pool,
    /** For files; gone afterwards. */
    readonly folder: string,
    private readonly closers: (() => Promise<unknown>)[],
  ) {}

  static async open(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'));
    const postgres = await startPostgres({ durable: true });
    const say = (line: string): boolean => process.stdout.write(`${line}\n`);
    const nats = await startNatsServer({ jetstream: true, say });
    for (const setting of [
      `shared_preload_libraries = 'pg_stat_statements'`,
      `pg_stat_statements.max = 20000`,
    ])
      await runStatement(postgres.adminUrl, `alter system set ${setting}`);
    await postgres.restart();
    // Databases made from now on have it.
    const template = new URL(postgres.adminUrl);
    template.pathname = '/template1';
    await runStatement(template.href, 'create extension pg_stat_statements');
    const admin = new pg.Pool({ connectionString: postgres.adminUrl, max: 2 });
    return new Stage(nats.url, postgres.adminUrl, admin, folder, [
      () => admin.end(),
      () => nats.stop(),
      () => postgres.stop(),
      () => rm(folder, { recursive: true, force: true }),
    ]);
  }

  /** A database of its own, a copy of that one if one is named. @returns its URL */
  newDatabase(template?: string): Promise<string> {
    this.databases += 1;
    return createDatabase(
      this.adminUrl,
      `bench_${this.databases}`,
      template === undefined ? undefined : nameOf(template),
    );
  }

  async dropDatabase(url: string): Promise<void> {
    await this.admin.query(`drop database if exists ${pg.escapeIdentifier(nameOf(url))} with (force)`);
    // What its pages left to be written would be written during the next round.
    await this.admin.query('checkpoint');
  }

  /**
   * A process of its own on a free port; resolves when it is ready. Its output goes into a file, as a supervisor does it.
   * @param ready the URL that then answers 200; default: its own /health/ready
   */
  async start(
    script: string,
    env: Record<string, string>,
    ready?: string,
    args: readonly string[] = [],
  ): Promise<Program> {
    const port = await freePort();
    const log = join(this.folder, `${port}.log`);
    const output = openSync(log, 'a');
    const began = performance.now();
    const child = spawn(process.execPath, [script, ...args], {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...env, PORT: String(port) },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    const url = `http://127.0.0.1:${port}`;
    const program: Program = {
      url,
      pid: child.pid ?? 0,
      readyAfterMs: await this.readyAfter(child, ready ?? `${url}/health/ready`, began, log),
      kill: async () => {
        this.programs.delete(program);
        await end(child);
        await rm(log, { force: true });
      },
    };
    this.programs.add(program);
    return program;
  }

  /** Once, however often it is asked for: a signal may come while it closes. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    for (const program of this.programs) await program.kill();
    for (const close of this.closers) await close();
  }

  private async readyAfter(child: ChildProcess, url: string, began: number, log: string): Promise<number> {
    while (performance.now() - began < START_WITHIN_MS) {
      if (child.exitCode !== null) break;
      const answer = await fetch(url).catch(() => undefined);
      await answer?.text();
      if (answer?.ok === true) return performance.now() - began;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await end(child);
    const words = (await readFile(log, 'utf8')).trim().split('\n').slice(-LAST_WORDS).join('\n');
    throw new Error(`${child.spawnargs.join(' ')} did not get ready:\n${words}`);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function nameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}
