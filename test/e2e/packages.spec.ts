import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort } from '../../sandbox/servers/free-port.js';
import { call } from '../support/harness/calls.js';
import { ServiceProcess } from '../support/harness/service.process.js';
import { type FreshDatabase, freshDatabase } from '../support/servers/database.js';

const run = promisify(execFile);
/** They come from the registry, where npm's cache does not have them. */
const INSTALLED_WITHIN_MS = 300_000;
const QUIET = ['--prefer-offline', '--no-audit', '--no-fund'];

/** As in a shell of its own: npm tells its children where it was called. */
const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_/i.test(name)));

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'payments-packages-'));
});

afterAll(() => rm(home, { recursive: true }));

/** @returns the files of the tarball, and a folder in which nothing but it and what it needs is installed */
async function packAndInstall(folder: string): Promise<{ files: string[]; at: string }> {
  const name = `payments-${folder}`;
  // As it was built; whoever packs a release by hand builds it again.
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', home, `./${folder}`];
  const { stdout } = await run('npm', packing, { env: ENV });
  const [{ files, filename }]: { files: { path: string }[]; filename: string }[] = parsePacked(stdout);
  const at = join(home, folder);
  await mkdir(at);
  await writeFile(join(at, 'package.json'), '{ "type": "module" }');
  await run('npm', ['install', ...QUIET, join(home, filename)], { cwd: at, env: ENV });
  expect(await readdir(join(at, 'node_modules'))).toContain(name);
  return { files: files.map(({ path }) => path), at };
}

/** A list in older versions of npm, an object by name in newer ones. */
function parsePacked<T>(stdout: string): [T] {
  const [first] = Object.values<T>(JSON.parse(stdout));
  if (first === undefined) throw new Error(`nothing was packed: ${stdout}`);
  return [first];
}

async function packagesIn(at: string): Promise<string[]> {
  const all = await Promise.all(
    (await readdir(join(at, 'node_modules'))).map(async (name) =>
      name.startsWith('@')
        ? (await readdir(join(at, 'node_modules', name))).map((inner) => `${name}/${inner}`)
        : [name],
    ),
  );
  return all.flat().filter((name) => !name.startsWith('.'));
}

/** Runs a module in the folder. @returns what it printed */
async function node(at: string, module: string): Promise<string> {
  await writeFile(join(at, 'try.js'), module);
  return (await run(process.execPath, ['try.js'], { cwd: at, env: ENV })).stdout.trim();
}

describe('payments-client, packed and installed alone', () => {
  let at: string;
  let files: string[];

  beforeAll(async () => {
    ({ at, files } = await packAndInstall('client'));
  }, INSTALLED_WITHIN_MS);

  it('holds its compiled code, its types and how to use it', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'dist/index.js', 'dist/index.d.ts']));
    expect(
      files.filter((file) => !/^(README\.md|package\.json|dist\/[a-z.]+\.(js|d\.ts))$/.test(file)),
    ).toEqual([]);
  });

  it('brings the NATS client and nothing else', async () => {
    const { dependencies } = JSON.parse(await readFile(resolve('client/package.json'), 'utf8'));
    expect(Object.keys(dependencies)).toEqual(['@nats-io/jetstream', '@nats-io/transport-node']);
    expect((await packagesIn(at)).filter((name) => !name.startsWith('@nats-io/'))).toEqual([
      'payments-client',
      'tweetnacl',
    ]);
  });

  it('is imported by its name', async () => {
    const said = await node(
      at,
      `import { consumePaymentEvents, isPaymentEvent, oncePerEvent, samplePaymentEvent, sqlInbox } from 'payments-client';
       const event = samplePaymentEvent('payment.succeeded');
       console.log(typeof consumePaymentEvents, typeof sqlInbox, typeof oncePerEvent, isPaymentEvent(event));`,
    );
    expect(said).toBe('function function function true');
  });

  it('gives its types to whoever compiles against it: the example of its README', async () => {
    const readme = await readFile(join(at, 'node_modules/payments-client/README.md'), 'utf8');
    const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
    expect(await compile(at, example)).toBe('');
    const mistaken = example.replaceAll('event.receiptUrl', 'event.receipt_url');
    expect(await compile(at, mistaken)).toContain("Property 'receipt_url' does not exist");
  }, 120_000);
});

/** @returns what the compiler complains about */
async function compile(at: string, example: string): Promise<string> {
  const given = `declare function inTransaction<T>(work: (tx: import('payments-client').SqlTransaction) => Promise<T>): Promise<T>;
    declare const process: { once(signal: string, act: () => void): void };`;
  await writeFile(join(at, 'listener.ts'), `${example}\n${given}`);
  const compiler = resolve('node_modules/typescript/bin/tsc');
  const options = '--noEmit --strict --skipLibCheck --target es2023 --module nodenext'.split(' ');
  return run(process.execPath, [compiler, ...options, 'listener.ts'], { cwd: at }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

/** The program of the installed package, on free ports, and what it printed for the service's environment. */
async function startStandIns(
  at: string,
): Promise<{ process: ChildProcess; variables: Record<string, string> }> {
  const child = spawn(
    join(at, 'node_modules/.bin/payments-sandbox'),
    ['--port', '0', '--conekta-port', '0'],
    {
      cwd: at,
      env: ENV,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const variables: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) variables[name] = value;
    // The last of them.
    if (name === 'CONEKTA_COMPONENT_URL') break;
  }
  return { process: child, variables };
}

describe('payments-sandbox, packed and installed alone', () => {
  let at: string;
  let files: string[];
  let standIns: Awaited<ReturnType<typeof startStandIns>> | undefined;

  beforeAll(async () => {
    ({ at, files } = await packAndInstall('sandbox'));
    standIns = await startStandIns(at);
  }, INSTALLED_WITHIN_MS);

  afterAll(async () => {
    if (standIns === undefined) return;
    standIns.process.kill('SIGTERM');
    const [code] = await once(standIns.process, 'exit');
    expect(code).toBe(0);
  });

  const variable = (name: string): string => standIns?.variables[name] ?? '';

  it('holds its compiled code, what browsers load, and how to use it', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'README.md',
        'dist/main.js',
        'dist/stripe/embedded/stripe.browser.js',
        'dist/conekta/component/checkout.browser.js',
      ]),
    );
    expect(files.filter((file) => !/^(README\.md|package\.json|dist\/[a-z./-]+\.js)$/.test(file))).toEqual(
      [],
    );
  });

  it('brings no SDK of a provider, nor anything of the service', async () => {
    const installed = await packagesIn(at);
    expect(installed).toEqual(expect.arrayContaining(['commander', 'fastify', 'payments-sandbox']));
    expect(installed.filter((name) => /stripe|nest|^pg$|drizzle|jest/.test(name))).toEqual([]);
  });

  it('plays Stripe', async () => {
    const answer = await fetch(`${variable('STRIPE_API_BASE')}/v1/customers`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${variable('STRIPE_SECRET')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'email=ana@example.com',
    });
    expect(await answer.json()).toMatchObject({ object: 'customer', email: 'ana@example.com' });
    expect((await fetch(variable('STRIPE_JS_URL'))).status).toBe(200);
  });

  it('plays Conekta', async () => {
    const answer = await fetch(`${variable('CONEKTA_API_BASE')}/customers`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${variable('CONEKTA_PRIVATE_KEY')}`,
        accept: 'application/vnd.conekta-v2.3.0+json',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'Ana Prueba', email: 'ana@example.com', phone: '+525555550101' }),
    });
    expect(await answer.json()).toMatchObject({ object: 'customer', email: 'ana@example.com' });
    expect((await fetch(variable('CONEKTA_COMPONENT_URL'))).status).toBe(200);
  });

  it('is imported by its parts', async () => {
    const said = await node(
      at,
      `import { startStripeSandbox } from 'payments-sandbox/stripe';
       import { startConektaSandbox } from 'payments-sandbox/conekta';
       import { startNatsServer } from 'payments-sandbox/servers/nats.server.js';
       for (const start of [startStripeSandbox, startConektaSandbox]) {
         const sandbox = await start();
         console.log((await (await fetch(sandbox.url + '/_sandbox/health')).json()).provider);
         await sandbox.close();
       }
       console.log(typeof startNatsServer);`,
    );
    expect(said).toBe('stripe\nconekta\nfunction');
  });

  it('S16f says in one line that a Node is too old', async () => {
    const old = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'16.20.2'})`;
    const env = { ...ENV, NODE_OPTIONS: `--import=${old}` };
    const started = run(join(at, 'node_modules/.bin/payments-sandbox'), [], { env });
    await expect(started).rejects.toMatchObject({
      code: 1,
      stderr: 'Node 16.20.2 is too old for this program: it wants Node 20.19 or later.\n',
    });
  });
});

describe('the service, installed for production', () => {
  let at: string;
  let database: FreshDatabase | undefined;
  let service: ServiceProcess | undefined;

  beforeAll(async () => {
    at = join(home, 'service');
    for (const part of ['package.json', 'package-lock.json', '.npmrc', 'dist'])
      await cp(resolve(part), join(at, part), { recursive: true });
    const command = 'ci --omit=dev --omit=optional --workspaces=false';
    await run('npm', [...command.split(' '), ...QUIET], { cwd: at, env: ENV });
  }, INSTALLED_WITHIN_MS);

  afterAll(async () => {
    await service?.kill9();
    await database?.drop();
  });

  it('has neither the stand-ins nor the client, and nothing of development', async () => {
    const lock: Lock = JSON.parse(await readFile(resolve('package-lock.json'), 'utf8'));
    const wanted = Object.entries(lock.packages)
      .filter(([, { dev, devOptional, optional, link }]) => !dev && !devOptional && !optional && !link)
      .map(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1])
      .filter((name) => name !== undefined);
    const installed = await packagesIn(at);
    // What only the stand-ins need may stand in the lock file, and is not installed.
    expect(installed.filter((name) => !wanted.includes(name))).toEqual([]);
    expect(installed).toEqual(expect.arrayContaining(['@nestjs/core', 'fastify', 'pg', 'stripe']));
    expect(installed.filter((name) => /^payments-|jest|typescript|embedded/.test(name))).toEqual([]);
    expect((await readdir(join(at, 'dist'))).filter((name) => /sandbox|client|demo/.test(name))).toEqual([]);
  });

  it('starts on a Postgres of its own and takes work', async () => {
    database = await freshDatabase();
    const nobody = 'nats://127.0.0.1:1';
    service = new ServiceProcess(
      {
        port: await freePort(),
        natsUrl: nobody,
        stripeUrl: 'http://127.0.0.1:1',
        database: { url: database.url },
      },
      {},
      join(at, 'dist/main.js'),
    );
    await service.start();
    const { status, body } = await call<{ status: string; degraded: { what: string }[] }>(
      service,
      '/health/ready',
    );
    expect(status).toBe(200);
    expect(body.degraded.map(({ what }) => what)).toContain('nats');
  }, 90_000);
});

interface Lock {
  readonly packages: Record<
    string,
    { dev?: boolean; devOptional?: boolean; optional?: boolean; link?: boolean }
  >;
}

describe('the folder of the service as a dependency', () => {
  it('gives the client under the name that it had first', async () => {
    const at = join(home, 'linked');
    await mkdir(at);
    await writeFile(join(at, 'package.json'), '{ "type": "module" }');
    await run('npm', ['install', ...QUIET, '--no-package-lock', resolve('.')], { cwd: at, env: ENV });
    const said = await node(
      at,
      `import { samplePaymentEvent } from 'payments-microservice/client';
       console.log(samplePaymentEvent('payment.succeeded').type);`,
    );
    expect(said).toBe('payment.succeeded');
  }, 120_000);
});
