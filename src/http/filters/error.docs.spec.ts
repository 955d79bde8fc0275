import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ERROR_CODES } from '../../kernel/errors.js';

const ROW = /^\| `([a-z_]+)` *\| *(\d{3}) *\| *(yes|no) *\| *\S.*\| *\S.*\|$/;

const rows = readFileSync('docs/errors.md', 'utf8')
  .split('\n')
  .map((line) => ROW.exec(line))
  .filter((match) => match !== null)
  .map(([, code, status, again]) => ({ code, status: Number(status), retryable: again === 'yes' }));

describe('docs/errors.md', () => {
  it('explains every code with its status, in the same order, and no other', () => {
    const inCode = Object.entries(ERROR_CODES).map(([code, facts]) => ({ code, ...facts }));
    expect(rows).toEqual(inCode);
  });
});
