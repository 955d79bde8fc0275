import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ENV_NAMES } from './env.schema.js';

/** Every `NAME=value` line, commented out or not. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name ?? '');
}

describe('.env.example', () => {
  const named = namesIn(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8'));

  it('names every variable that the service reads', () => {
    expect(ENV_NAMES.filter((name) => !named.includes(name))).toEqual([]);
  });

  it('names no variable that the service does not read, and none twice', () => {
    expect(named.filter((name) => !ENV_NAMES.includes(name))).toEqual([]);
    expect(named.filter((name, at) => named.indexOf(name) !== at)).toEqual([]);
  });
});
