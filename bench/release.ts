import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from './stage.js';

/** Our own last release: to be moved forward when one is made. */
const COMMIT = '9080f0a76d8cbabab8a09d7fe38e777728fb7557';

/**
 * The last release's main.js: of the folder given, or built from git in a cache outside of the tree, which takes a minute
 * once. Undefined where git does not know the commit, as in a shallow clone.
 */
export async function releaseMain(
  folder: string | undefined,
  say: (line: string) => void,
): Promise<string | undefined> {
  if (folder !== undefined) {
    const main = resolve(folder, 'dist/main.js');
    if (!existsSync(main)) throw new Error(`${main} is missing: build the release first`);
    return main;
  }
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'payments-bench');
  const home = join(cache, COMMIT);
  if (!existsSync(home)) {
    const draft = `${home}.${process.pid}`;
    await mkdir(draft, { recursive: true });
    try {
      say(`builds the last release, ${COMMIT.slice(0, 7)}, in ${home}`);
      execFileSync('sh', ['-c', `git archive ${COMMIT} | tar -x -C '${draft}'`], { cwd: ROOT });
      if (!existsSync(join(draft, 'package.json'))) throw new Error('git does not have it');
      execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: draft, stdio: 'ignore' });
      execFileSync('npm', ['run', 'build'], { cwd: draft, stdio: 'ignore' });
      await rename(draft, home);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      say(`without the last release, ${COMMIT.slice(0, 7)}: ${error instanceof Error ? error.message : ''}`);
      return undefined;
    }
  }
  return join(home, 'dist/main.js');
}
