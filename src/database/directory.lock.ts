import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

interface Holder {
  pid: number;
  host: string;
  token: string;
}

/** Somebody else has the directory, or may have it. */
export class DirectoryInUse extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DirectoryInUse';
  }
}

/** Of the locks that this very process holds or is taking: one that had our number before us is another process. */
const heldHere = new Set<string>();

/** Everybody who tries makes progress or finds a live holder; this many turns mean that something else is wrong. */
const MOST_TURNS = 100;

/**
 * Keeps a second process out of an embedded database's directory: two of them would lose each other's rows.
 * A lock is taken over only from a process of this host that is gone; never from a live one, nor from another host.
 */
export class DirectoryLock {
  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {}

  /** @throws DirectoryInUse naming the holder. */
  static async acquire(directory: string): Promise<DirectoryLock> {
    const path = join(directory, 'payments.lock');
    const token = randomUUID();
    const own = join(directory, `.lock-${token}`);
    heldHere.add(token);
    try {
      await writeFile(own, JSON.stringify({ pid: process.pid, host: hostname(), token } satisfies Holder));
      await takeOrRefuse(directory, path, own);
      return new DirectoryLock(path, token);
    } catch (error) {
      heldHere.delete(token);
      throw error;
    } finally {
      await unlinkIfThere(own);
    }
  }

  async release(): Promise<void> {
    heldHere.delete(this.token);
    const holder = await readHolder(this.path);
    if (holder?.token === this.token) await unlink(this.path);
  }
}

/** @throws DirectoryInUse naming the holder, or the one who is about to be it. */
async function takeOrRefuse(directory: string, path: string, own: string): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    if (await linked(own, path)) return;
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    refuseIfLive(holder, directory, path);
    if (await takenOver(directory, path, holder, own)) return;
  }
  throw new DirectoryInUse(`${directory} is being opened by other processes`);
}

/**
 * Puts our lock in a dead holder's place. Only whoever links the file named after the dead holder may do so, so
 * that there is one heir; the lock is replaced in one step and never absent meanwhile. An heir that died before
 * that has an heir of its own.
 */
async function takenOver(directory: string, path: string, dead: Holder, own: string): Promise<boolean> {
  const claims: string[] = [];
  for (let of = dead; ;) {
    const claim = join(directory, `.heir-of-${of.token}`);
    if (await linked(own, claim)) {
      claims.push(claim);
      break;
    }
    const heir = await readHolder(claim);
    if (heir === undefined) return false;
    refuseIfLive(heir, directory, path);
    claims.push(claim);
    of = heir;
  }
  const mine = claims.at(-1) ?? '';
  // Whoever read of the dead one long ago may come after his heir has moved in.
  if ((await readHolder(path))?.token !== dead.token) {
    await unlinkIfThere(mine);
    return false;
  }
  await rename(own, path);
  for (const claim of claims) await unlinkIfThere(claim);
  return true;
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
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
    throw new DirectoryInUse(
      `${directory} is locked by process ${holder.pid} on ${holder.host}; if that one is gone, delete ${path}`,
    );
  }
  const live = holder.pid === process.pid ? heldHere.has(holder.token) : isAlive(holder.pid);
  if (!live) return;
  throw new DirectoryInUse(
    `${directory} is in use by process ${holder.pid}; an embedded database takes one process`,
  );
}

/** Undefined when there is no such file. One that a power cut left unreadable was held by somebody who is gone. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return parseHolder(await readFile(path, 'utf8'));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseHolder(text: string): Holder {
  const token = `unreadable-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  const gone: Holder = { pid: NOBODY, host: hostname(), token };
  try {
    const parsed: unknown = JSON.parse(text);
    return isHolder(parsed) ? parsed : gone;
  } catch {
    return gone;
  }
}

/** No process has this number. */
const NOBODY = -1;

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && 'pid' in value && 'host' in value && 'token' in value;
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
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
