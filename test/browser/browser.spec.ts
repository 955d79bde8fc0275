import { describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './browser.js';

describe('finding Chromium', () => {
  it('takes the one that is named, else the first on the PATH, else one of the usual places', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'payments-chromium-'));
    const program = join(folder, 'chromium');
    await writeFile(program, '');
    expect(() => findChromium({ PATH: folder }, [])).toThrow('chromium is missing');
    await chmod(program, 0o755);
    expect(findChromium({ PATH: `relative:/nowhere:${folder}` }, [])).toBe(program);
    expect(findChromium({ PATH: '/nowhere' }, [folder])).toBe(program);
    expect(findChromium({ PATH: '/nowhere' }, [program])).toBe(program);
    const other = join(folder, 'my-browser');
    await writeFile(other, '', { mode: 0o755 });
    expect(findChromium({ PATH: folder, CHROMIUM: other }, [])).toBe(other);
    await rm(folder, { recursive: true });
  });

  it('says in one line what to install where there is none', () => {
    expect(() => findChromium({}, [])).toThrow(
      /^chromium is missing: install it \(.*apt-get install chromium.*\)[^\n]*$/,
    );
  });
});
