import { transformFile } from '@swc/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcess } from './server.process.js';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(10);
}

/** A dead process that its init has not reaped yet still takes a signal: only Linux's /proc tells. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a server process', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'process-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const shell = (script: string) =>
    startProcess({ program: '/bin/sh', args: ['-c', script], privateDir: dir, logFile: join(dir, 'log') });

  it('runs until it is ended', async () => {
    const server = await shell('exec sleep 600');
    expect(server.isRunning()).toBe(true);
    await server.end('SIGTERM');
    expect([server.isRunning(), isAlive(server.pid)]).toEqual([false, false]);
    await server.end('SIGTERM');
  });

  it('is ended also when it is frozen', async () => {
    const server = await shell('exec sleep 600');
    server.signal('SIGSTOP');
    await server.end('SIGTERM');
    expect(isAlive(server.pid)).toBe(false);
  });

  it('that ended by itself leaves its last words', async () => {
    const server = await shell('echo starting; echo no such port >&2; exit 1');
    await until(() => !server.isRunning());
    expect(server.lastWords()).toBe('starting\nno such port');
  });

  it('that cannot be run is an error', async () => {
    const missing = { program: join(dir, 'missing'), args: [], privateDir: dir, logFile: join(dir, 'log') };
    await expect(startProcess(missing)).rejects.toThrow('ENOENT');
  });

  describe('whose starter dies', () => {
    let starter: ChildProcess | undefined;
    let serverPid: number | undefined;
    let scripts: string;

    beforeEach(async () => {
      scripts = await mkdtemp(join(tmpdir(), 'starter-'));
    });
    afterEach(async () => {
      starter?.kill('SIGKILL');
      if (serverPid !== undefined && isAlive(serverPid)) process.kill(serverPid, 'SIGKILL');
      await rm(scripts, { recursive: true });
    });

    /** Another Node process that starts a server, prints its pid, and then does as the ending says. */
    async function startElsewhere(ending: string): Promise<number> {
      const source = join(process.cwd(), 'sandbox/servers/server.process.ts');
      const { code } = await transformFile(source, {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        swcrc: false,
      });
      await writeFile(join(scripts, 'server.process.mjs'), code);
      await writeFile(
        join(scripts, 'main.mjs'),
        `import { startProcess } from './server.process.mjs';
         const dir = ${JSON.stringify(dir)};
         const server = await startProcess({
           program: '/bin/sh', args: ['-c', 'exec sleep 600'], privateDir: dir, logFile: dir + '/log',
         });
         process.stdout.write(server.pid + '\\n');
         ${ending}`,
      );
      starter = spawn(process.execPath, [join(scripts, 'main.mjs')], { stdio: ['ignore', 'pipe', 'ignore'] });
      if (!starter.stdout) throw new Error('the starter has no output');
      const [line] = await once(starter.stdout, 'data');
      serverPid = Number(String(line));
      return serverPid;
    }

    it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('by %s dies too', async (signal) => {
      const pid = await startElsewhere('setInterval(() => {}, 1000);');
      expect(isAlive(pid)).toBe(true);
      starter?.kill(signal);
      await until(() => !isAlive(pid) && !existsSync(dir));
    });

    it('of an uncaught error dies too', async () => {
      const pid = await startElsewhere("setImmediate(() => { throw new Error('uncaught'); });");
      await until(() => !isAlive(pid) && !existsSync(dir));
    });

    it('because it has nothing more to do dies too: a server keeps nobody waiting', async () => {
      const pid = await startElsewhere('');
      await until(() => !isAlive(pid) && !existsSync(dir) && starter?.exitCode !== null);
      expect(starter?.exitCode).toBe(0);
    });
  });
});
