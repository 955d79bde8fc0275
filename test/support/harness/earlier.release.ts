import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

/** Below node_modules, so that the build finds the packages that it imports. */
const CACHE = resolve('node_modules/.cache/releases');

/** The embedded database is never opened here, and a release may outlive the package that it came from. */
const STUBS: Readonly<Record<string, string>> = {
  'node_modules/@electric-sql/pglite/package.json':
    '{"name":"@electric-sql/pglite","type":"module","main":"index.js"}',
  'node_modules/@electric-sql/pglite/index.js':
    'export class PGlite {}\nexport const drizzle = undefined;\nexport const migrate = undefined;\n',
};
/** Drizzle's driver for it, which imports it too. */
const STUBBED = /drizzle-orm\/pglite(\/migrator)?/g;

/**
 * A build that was packed by pack.release.js.
 * @param commit names the file in test/fixtures/releases.
 * @returns the path of its main.js
 */
export async function earlierRelease(commit: string): Promise<string> {
  const home = join(CACHE, commit);
  if (!existsSync(home)) {
    await mkdir(CACHE, { recursive: true });
    const draft = await mkdtemp(`${home}-`);
    const packed = await promisify(brotliDecompress)(
      await readFile(resolve(`test/fixtures/releases/${commit}.json.br`)),
    );
    const build: Record<string, string> = JSON.parse(packed.toString('utf8'));
    const files = Object.entries(build).map(
      ([name, text]) => [join('dist', name), text.replace(STUBBED, '@electric-sql/pglite')] as const,
    );
    const manifest = ['package.json', '{"type":"module","version":"0.0.0"}'] as const;
    for (const [name, text] of [...files, ...Object.entries(STUBS), manifest]) {
      await mkdir(dirname(join(draft, name)), { recursive: true });
      await writeFile(join(draft, name), text);
    }
    // Two test files may unpack it at once: the first one stands.
    await rename(draft, home).catch(() => rm(draft, { recursive: true }));
  }
  return join(home, 'dist/main.js');
}
