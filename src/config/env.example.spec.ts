import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ENV_NAMES } from './env.schema.js';

/** Every `NAME=value` line, commented out or not. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name ?? '');
}

function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
}

describe('.env.example', () => {
  const [service = '', compose = ''] = read('.env.example').split(/^# --- docker compose only.*$/m);
  const named = namesIn(service);

  it('names every variable that the service reads', () => {
    expect(ENV_NAMES.filter((name) => !named.includes(name))).toEqual([]);
  });

  it('names no variable that the service does not read, and none twice', () => {
    expect(named.filter((name) => !ENV_NAMES.includes(name))).toEqual([]);
    expect(named.filter((name, at) => named.indexOf(name) !== at)).toEqual([]);
  });

  it('names, apart from those, exactly what docker-compose.yml asks for', () => {
    const asked = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name ?? '');
    const beside = asked.filter((name) => !ENV_NAMES.includes(name));
    expect(namesIn(compose).sort()).toEqual([...new Set(beside)].sort());
  });
});
