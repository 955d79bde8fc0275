// Loaded by jest's globalSetup, which does not map `.js` to `.ts`: imports here end in `.ts`.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, lstat, rename, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Who a server that we start runs as: Postgres refuses root, and its packages bring a user for it. */
export async function clusterOwner(): Promise<Owner> {
  const { getuid, getgid } = process;
  if (!getuid || !getgid) throw new Error('Postgres for tests is started on Linux and macOS only');
  if (getuid() !== 0) return { uid: getuid(), gid: getgid() };
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (which) => Number((await run('id', [which, 'postgres'])).stdout)),
  );
  return { uid, gid };
}

/**
 * Makes a new cluster in `folder/data`. initdb takes more than a second, so its result is kept in one archive
 * in the temporary folder and unpacked the next time. One file: a cleaner of old files takes all of it or
 * nothing.
 */
export async function createCluster(
  program: string,
  folder: string,
  superuser: string,
  owner: Owner,
): Promise<void> {
  await chown(folder, owner.uid, owner.gid);
  const asOwner = { ...owner, cwd: folder };
  const initdb = join(dirname(program), 'initdb');
  const args = ['-D', 'data', '-U', superuser, '-E', 'UTF8', '--locale=C', '--auth=trust', '--no-sync'];
  const archive = await archiveOf(initdb, args, owner);
  if (await isOwned(archive, owner)) {
    await run('tar', ['-xf', archive], asOwner);
    return;
  }
  await run(initdb, args, asOwner);
  await run('tar', ['-cf', 'cluster.tar', 'data'], asOwner);
  // It appears whole or not at all; where another user holds the name, every run does its own initdb.
  await rename(join(folder, 'cluster.tar'), archive).catch(() => {});
}

async function archiveOf(initdb: string, args: readonly string[], owner: Owner): Promise<string> {
  const { mtimeMs, size } = await stat(initdb);
  const made = createHash('sha256').update(JSON.stringify([initdb, mtimeMs, size, args, owner]));
  return join(tmpdir(), `pg-cluster-${made.digest('hex').slice(0, 16)}.tar`);
}

/** Not a file that somebody else put under the name in a folder where everybody writes. */
async function isOwned(file: string, owner: Owner): Promise<boolean> {
  try {
    const found = await lstat(file);
    return found.isFile() && found.uid === owner.uid;
  } catch {
    return false;
  }
}
