// Packs a build into one file, so that later builds can be tried beside it (see earlier.release.ts):
//   npm run build && rm -r dist/cli
//   node test/support/harness/pack.release.js dist test/fixtures/releases/<commit>.json.br
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { brotliCompressSync } from 'node:zlib';

const [dist, target] = argv.slice(2);
const wanted = readdirSync(dist, { recursive: true }).filter(
  (name) => statSync(join(dist, name)).isFile() && !/\.map$|_snapshot\.json$/.test(name),
);
const files = Object.fromEntries(wanted.map((name) => [name, readFileSync(join(dist, name), 'utf8')]));
writeFileSync(target, brotliCompressSync(JSON.stringify(files)));
