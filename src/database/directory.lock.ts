import { randomUUID } from 'node:crypto';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

interface Holder {
  pid: number;
  host: string;
  token: string;
}

/**
 * Keeps a second process out of an embedded database's directory: two of them would lose each other's rows.
 * A lock is taken over only from a process of this host that is gone; never from a live one, nor from another host.
 */
export class DirectoryLock {
  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {}

  /** @throws Error naming the holder when the directory is in use. */
  static async acquire(directory: string): Promise<DirectoryLock> {
    const path = join(directory, 'payments.lock');
    const token = randomUUID();
    const own = join(directory, `.lock-${token}`);
    await writeFile(own, JSON.stringify({ pid: process.pid, host: hostname(), token } satisfies Holder));
    try {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        if (await linked(own, path)) return new DirectoryLock(path, token);
        const holder = await readHolder(path);
        if (holder !== undefined) refuseIfLive(holder, directory, path);
        await setAside(path, join(directory, `.lock-${randomUUID()}`), holder);
      }
      throw new Error(`${directory} is being opened by another process`);
    } finally {
      await unlink(own);
    }
  }

  async release(): Promise<void> {
    const holder = await readHolder(this.path);
    if (holder?.token === this.token) await unlink(this.path);
  }
}

/** A hard link appears whole or not at all, so nobody reads a half-written lock. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function refuseIfLive(holder: Holder, directory: string, path: string): void {
  if (holder.host !== hostname()) {
    throw new Error(
      `${directory} is locked by process ${holder.pid} on ${holder.host}; if that one is gone, delete ${path}`,
    );
  }
  if (holder.pid !== process.pid && !isAlive(holder.pid)) return;
  throw new Error(`${directory} is in use by process ${holder.pid}; an embedded database takes one process`);
}

/** Moves a dead holder's lock away; if somebody else replaced it meanwhile, theirs is put back. */
async function setAside(path: string, aside: string, dead: Holder | undefined): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && moved.token !== dead?.token) await linked(aside, path);
  await unlink(aside);
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(parsed) ? parsed : undefined;
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && 'pid' in value && 'host' in value && 'token' in value;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
