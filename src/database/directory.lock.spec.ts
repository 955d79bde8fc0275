import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryLock } from './directory.lock.js';

describe('the lock on a directory', () => {
  let directory: string;
  let file: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lock-'));
    file = join(directory, 'payments.lock');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(directory, { recursive: true });
  });

  /** A process that does nothing. */
  const liveProcess = async (): Promise<ChildProcess & { pid: number }> => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    children.push(child);
    await once(child, 'spawn');
    const { pid } = child;
    if (pid === undefined) throw new Error('no process');
    return Object.assign(child, { pid });
  };
  const deadPid = async (): Promise<number> => {
    const child = await liveProcess();
    child.kill('SIGKILL');
    await once(child, 'exit');
    return child.pid;
  };
  const heldBy = (holder: { pid: number; host?: string }) =>
    writeFile(file, JSON.stringify({ host: hostname(), token: 'theirs', ...holder }));

  it('is taken, and given back', async () => {
    const lock = await DirectoryLock.acquire(directory);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('is refused to a second holder within this process', async () => {
    const lock = await DirectoryLock.acquire(directory);
    await expect(DirectoryLock.acquire(directory)).rejects.toThrow(`is in use by process ${process.pid}`);
    await lock.release();
    await (await DirectoryLock.acquire(directory)).release();
  });

  it('is never taken from a live process', async () => {
    const { pid } = await liveProcess();
    await heldBy({ pid });
    await expect(DirectoryLock.acquire(directory)).rejects.toThrow(`is in use by process ${pid}`);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid, token: 'theirs' });
  });

  it('is taken over from a process of this machine that is gone', async () => {
    await heldBy({ pid: await deadPid() });
    const lock = await DirectoryLock.acquire(directory);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it('is never taken from another host, whose processes nobody here sees', async () => {
    await heldBy({ pid: await deadPid(), host: 'another-host' });
    await expect(DirectoryLock.acquire(directory)).rejects.toThrow(
      /on another-host; if that one is gone, delete .*lock/,
    );
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ host: 'another-host' });
  });

  it.each(['', '{"pid":', '[]', 'null'])(
    'whose file holds %j, left by a power cut, is taken over',
    async (content) => {
      await writeFile(file, content);
      const lock = await DirectoryLock.acquire(directory);
      await lock.release();
    },
  );

  it('goes to one of twenty who want it at once, and nothing is left behind', async () => {
    const gone = await deadPid();
    for (let round = 0; round < 40; round += 1) {
      if (round % 2 === 1) await heldBy({ pid: gone });
      const wanted = await Promise.allSettled(
        Array.from({ length: 20 }, () => DirectoryLock.acquire(directory)),
      );
      const got = wanted.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(got).toHaveLength(1);
      expect(await readdir(directory)).toEqual(['payments.lock']);
      await got[0]?.release();
    }
  });

  it('goes to one of several processes that find a dead one, also after an heir that died on the way', async () => {
    const gone = await deadPid();
    const program = new URL('../../dist/database/directory.lock.js', import.meta.url).href;
    const script = `import(${JSON.stringify(program)}).then(async ({ DirectoryLock }) => {
      const answer = await DirectoryLock.acquire(${JSON.stringify(directory)}).then(() => 'mine', () => 'refused');
      process.stdout.write(answer);
      setInterval(() => {}, 1000);
    })`;
    await heldBy({ pid: gone });
    const heir = { pid: gone, host: hostname(), token: 'heir' };
    await writeFile(join(directory, '.heir-of-theirs'), JSON.stringify(heir));
    const answers = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
        children.push(child);
        const [answer] = await once(child.stdout, 'data');
        return String(answer);
      }),
    );
    expect(answers.sort()).toEqual(['mine', ...Array.from({ length: 5 }, () => 'refused')]);
    expect((await readdir(directory)).sort()).toEqual(['payments.lock']);
  });

  it('of a process that had our number before us is taken over', async () => {
    await heldBy({ pid: process.pid });
    const lock = await DirectoryLock.acquire(directory);
    await lock.release();
  });

  it('that somebody else holds by now is not released', async () => {
    const lock = await DirectoryLock.acquire(directory);
    await heldBy({ pid: process.pid });
    await lock.release();
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ token: 'theirs' });
  });
});
