import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ENV_NAMES } from '../src/config/env.schema.js';
import { parseEnvironment } from '../src/config/environment.js';

const EXAMPLE = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
const COMPOSE = readFileSync(new URL('../docker-compose.yml', import.meta.url), 'utf8');

/** Every name in the file, commented out or not, in its order. */
const names = [...EXAMPLE.matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name);

describe('.env.example', () => {
  it('holds every variable of the service, once', () => {
    const ours = names.filter((name) => ENV_NAMES.includes(name));
    expect(ours.toSorted()).toEqual([...ENV_NAMES].toSorted());
  });

  it('holds nothing else but what docker compose reads', () => {
    const others = names.filter((name) => !ENV_NAMES.includes(name));
    expect(others).toEqual(['POSTGRES_PASSWORD', 'NATS_PAYMENTS_PASSWORD', 'NATS_ORDERS_PASSWORD']);
    for (const name of others) expect(COMPOSE).toContain(`\${${name}:-`);
  });

  it('starts the service as it stands, with the stand-in provider', () => {
    const settings = parseEnvironment(parseEnv(EXAMPLE));
    expect(settings.service.nodeEnv).toBe('development');
    expect(settings.stripe.apiBase).toBe('http://127.0.0.1:12111');
  });
});
