import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MIGRATIONS = 'src/database/migrations';

describe('the migrations', () => {
  it('make the tables that the code declares: generating once more writes nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
    await cp(MIGRATIONS, folder, { recursive: true });
    const flags = [
      '--dialect',
      'postgresql',
      '--schema',
      './src/**/*.tables.ts',
      '--out',
      relative('.', folder),
    ];
    // It exits 0 even when it fails, so what it says and what it wrote are compared.
    const { stdout } = await run('node_modules/.bin/drizzle-kit', ['generate', ...flags]);
    expect(stdout).toContain('No schema changes');
    expect((await readdir(folder)).filter((name) => name.endsWith('.sql'))).toEqual(
      (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')),
    );
    await rm(folder, { recursive: true });
  });
});
