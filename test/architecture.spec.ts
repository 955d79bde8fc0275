import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROVIDER_NAME = /stripe|conekta/i;

/** Where a provider's name is at home. */
const AT_HOME = [/^src\/providers\/[^/]+\//, /^src\/providers\/providers\.module\.ts$/, /^src\/config\//];

/** Elsewhere, and why. A line that no longer names a provider must leave this list. */
const ALLOWED: Readonly<Record<string, string>> = {
  'src/providers/provider.registry.ts': 'the provider of requests that name none',
  'src/providers/facts.ts': 'comments say which object of each provider an id is of',
  'src/http/logging/scrub.ts': "the providers' secrets: their shapes, and the headers that carry them",
  'src/payments/payment/payment.ts': 'its table says which word of which provider each later edge is',
  'src/payments/payment/refund.ts': 'its table says which word of which provider each later edge is',
  'src/payments/payment/dispute.ts': 'its table says which word of which provider each later edge is',
  'src/subscriptions/subscription/subscription.ts':
    'its table says which word of which provider each later edge is',
  'src/webhooks/webhooks.http.controller.ts': 'a path under which replaced services were registered',
};

/** The key of the published message, whichever provider was paid: older orders services want it so. */
const LEGACY_KEY = /stripePaymentId/g;

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|eta|css|sql)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !file.endsWith('.spec.ts') && !/^[a-z]+\/dist\//.test(file));
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function namesProvider(file: string): boolean {
  return PROVIDER_NAME.test(read(file).replace(LEGACY_KEY, ''));
}

describe('the house', () => {
  const files = sources('src');
  const everywhere = ['src', 'client', 'sandbox', 'demo'].flatMap(sources);
  const elsewhere = files.filter((file) => !AT_HOME.some((home) => home.test(file)));

  it('names no provider outside the rooms that are about it', () => {
    const strangers = elsewhere.filter((file) => !(file in ALLOWED) && namesProvider(file));
    expect(strangers).toEqual([]);
  });

  it.each(Object.keys(ALLOWED))('still needs its exception for %s', (file) => {
    expect(namesProvider(file)).toBe(true);
  });

  it('reads the environment in one room', () => {
    const readers = files.filter((file) => /process\.env|env\s*}\s*=\s*process/.test(read(file)));
    expect(readers.filter((file) => !/^src\/config\//.test(file))).toEqual([]);
    expect(readers.some((file) => file.startsWith('src/config/'))).toBe(true);
  });

  it('has no folder for what belongs nowhere', () => {
    const nowhere = everywhere.filter((file) => /\/(utils|helpers|common|manager|base)\//.test(file));
    expect(nowhere).toEqual([]);
  });

  it('has no fixture beside its code', () => {
    expect(everywhere.filter((file) => /fixture/.test(file))).toEqual([]);
  });
});

/** What each folder of an adapter is about, and what it may have beside the files of its nouns. */
const ADAPTER: Readonly<Record<string, { nouns: readonly string[]; beside?: readonly string[] }>> = {
  '': {
    nouns: [],
    beside: ['account', 'client', 'errors', 'http', 'limits', 'money', 'provider', 'request'],
  },
  payment: { nouns: ['charge', 'intent', 'order', 'refund', 'dispute'] },
  session: { nouns: ['session'], beside: ['embedded', 'embedded.browser'] },
  customer: { nouns: ['customer', 'card.setup'] },
  plan: { nouns: ['plan'] },
  subscription: { nouns: ['subscription', 'invoice', 'period', 'cycle'] },
  webhook: { nouns: ['webhook'], beside: ['webhook', 'event', 'subject', 'confirm', 'owner', 'thin'] },
  endpoint: { nouns: ['endpoint'], beside: ['endpoint', 'endpoint.rules'] },
};

describe('an adapter', () => {
  it.each(['stripe', 'conekta'])('names its files by the template: %s', (provider) => {
    const root = join(ROOT, 'src/providers', provider);
    const files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
      .map((entry) => ({ folder: relative(root, entry.parentPath), name: entry.name }));
    const allowed = ({ nouns, beside = [] }: (typeof ADAPTER)[string]): string[] => [
      ...beside,
      ...nouns.flatMap((noun) => [`${noun}.request`, `${noun}.read`, `${noun}.facts`, `${noun}s`]),
    ];
    const strangers = files.filter(({ folder, name }) => {
      const names = ADAPTER[folder] && allowed(ADAPTER[folder]);
      return (
        names?.some((one) => name === `${provider}.${one}${one.endsWith('.browser') ? '.js' : '.ts'}`) !==
        true
      );
    });
    expect(strangers).toEqual([]);
    for (const folder of Object.keys(ADAPTER))
      expect(files.filter((file) => file.folder === folder).length).toBeLessThanOrEqual(14);
  });
});

describe('a program that people start', () => {
  const programs = ['src/main.ts', 'src/cli/main.ts', 'sandbox/main.ts', 'demo/main.ts'];

  it.each(programs)('S16f loads nothing before it has looked at Node’s version: %s', (program) => {
    const imported = [...read(program).matchAll(/^(?:import|export)\b[^']*from '([^']*)';$/gm)].map(
      ([, from]) => from,
    );
    expect(imported).toEqual([expect.stringMatching(/^(?:\.\.?|payments-sandbox)\/.*node\.version\.js$/)]);
    // No import for its effect, no await outside a function, and no newer syntax.
    expect(read(program)).not.toMatch(/^import '|^(?:const .* = )?await |\?\.|\?\?/m);
  });

  it.each(['src/kernel/node.version.ts', 'sandbox/node.version.ts'])(
    'S16f has %s to look with',
    async (file) => {
      expect(read(file)).not.toMatch(/^import|\?\.|\?\?/m);
      const { complaintAboutNode } = await import(join(ROOT, file));
      const least = JSON.parse(read('package.json')).engines.node;
      expect(least).toBe('>=20.19');
      for (const version of ['20.19.0', '20.20.2', '22.1.0', '24.0.0', '26.1.1'])
        expect(complaintAboutNode(version)).toBeUndefined();
      for (const version of ['12.22.12', '16.20.2', '18.20.8', '20.18.9'])
        expect(complaintAboutNode(version)).toBe(
          `Node ${version} is too old for this program: it wants Node 20.19 or later.\n`,
        );
    },
  );
});
