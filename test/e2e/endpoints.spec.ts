import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/database/embedded.postgres.js';
import { type ConektaSandbox, startConektaSandbox } from '../../sandbox/conekta/conekta.sandbox.js';
import { SecretBox } from '../../src/webhooks/endpoint/secret.box.js';
import { post } from '../support/domain/http.call.js';
import { signed, stripeEvent } from '../support/domain/signed.event.js';
import { type CliAnswer, runCliProcess } from '../support/harness/cli.process.js';
import { eventually } from '../support/harness/eventually.js';
import { serviceEnvironment } from '../support/harness/service.environment.js';
import type { ServiceProcess } from '../support/harness/service.process.js';
import { startWorld, type World } from '../support/harness/world.js';
import { type FreshDatabase, freshDatabase } from '../support/servers/database.js';

const OPERATOR = 'operator-key-of-the-tests';
const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
/** A key that signs nothing: the service has one in its environment, and no endpoint yet. */
const strangersPem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();

interface Answer {
  status: number;
  body: Record<string, unknown> & { id: string; remoteId: string };
}

describe('webhook endpoints', () => {
  let fresh: FreshDatabase;
  let conekta: ConektaSandbox;
  let world: World;
  let here: ServiceProcess;
  let there: ServiceProcess;
  /** What every process of the service, and the command line, are told. */
  let common: Record<string, string>;

  beforeAll(async () => {
    fresh = await freshDatabase();
    conekta = await startConektaSandbox({
      refuseLocalWebhooks: false,
      retryScheduleMs: new Array<number>(300).fill(200),
    });
    common = {
      CONEKTA_PRIVATE_KEY: conekta.privateKey,
      CONEKTA_API_BASE: conekta.url,
      ENCRYPTION_KEY: randomBytes(32).toString('hex'),
      API_KEYS: `ops:operator:${hashOf(OPERATOR)},shop:service:${hashOf('shop')}`,
    };
    const env = { ...common, CONEKTA_WEBHOOK_PUBLIC_KEYS: strangersPem };
    world = await startWorld({ services: 2, database: { url: fresh.url }, env });
    const [first, second] = world.services;
    if (first === undefined || second === undefined) throw new Error('two processes were asked for');
    [here, there] = [first, second];
  }, 120_000);
  afterAll(async () => {
    await world.stop();
    await conekta.close();
    await fresh.drop();
  });
  afterEach(async () => {
    conekta.setWebhooks([]);
    await world.sql('delete from webhook_keys');
    await world.sql('delete from webhook_endpoints');
  });

  const call = async (method: string, path: string, body?: unknown, key = OPERATOR): Promise<Answer> => {
    const answer = await fetch(here.url + path, {
      method,
      headers: {
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  const hookOf = (service: ServiceProcess, provider = 'conekta') => `${service.url}/webhooks/${provider}`;
  const register = (service: ServiceProcess, provider = 'conekta') =>
    call('POST', '/endpoints', { provider, url: hookOf(service, provider) });
  const stored = async (eventId: string): Promise<void> => {
    await eventually(async () => {
      const rows = await world.sql('select 1 from webhook_inbox where event_id = $1', [eventId]);
      expect(rows).toHaveLength(1);
    });
  };
  /** An event that concerns no payment. */
  const plan = () => ({
    id: randomBytes(12).toString('hex'),
    object: 'event',
    type: 'plan.created',
    livemode: false,
    created_at: 1_700_000_000,
    data: { object: { id: 'plan_1', object: 'plan' } },
  });
  /** As Conekta would sign it at this moment. */
  const signedNow = (event: object = plan()): { body: string; digest: string } => {
    const body = JSON.stringify(event);
    return { body, digest: conekta.sign(body) };
  };
  const deliver = async (service: ServiceProcess, { body, digest } = signedNow()): Promise<number> => {
    const headers = { 'content-type': 'application/json', digest };
    return (await post(hookOf(service), body, headers)).status;
  };

  it('are for operators only', async () => {
    for (const [method, path] of [
      ['GET', '/endpoints'],
      ['POST', '/endpoints'],
      ['DELETE', '/endpoints/x'],
      ['POST', '/endpoints/x/ping'],
      ['POST', '/endpoints/x/rotate'],
    ] as const) {
      expect((await call(method, path, undefined, '')).status).toBe(401);
      expect((await call(method, path, undefined, 'shop')).status).toBe(403);
    }
  });

  it('registered at Conekta are accepted by every process, without a restart', async () => {
    expect([await deliver(here), await deliver(there)]).toEqual([400, 400]);
    const { status, body } = await register(here);
    expect(status).toBe(201);
    expect(body).toMatchObject({ provider: 'conekta', state: 'registered', createdBy: 'ops', active: true });
    expect(body.keys).toEqual([expect.objectContaining({ remoteId: expect.any(String), retiredAt: null })]);
    await register(there);
    const event = conekta.emit('plan.created', { id: 'plan_1', object: 'plan' });
    await stored(event.id);
    await eventually(() => {
      const taken = conekta.delivery.log.filter((one) => one.messageId === event.id && one.status === 200);
      expect(new Set(taken.map((one) => one.url))).toEqual(new Set([hookOf(here), hookOf(there)]));
    });
  });

  it('registered twice are one, and say so by their status', async () => {
    const first = await register(here);
    const again = await register(here);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(conekta.state().webhooks).toHaveLength(1);
  });

  it('are pinged by Conekta', async () => {
    const { body } = await register(there);
    expect((await call('POST', `/endpoints/${body.id}/ping`)).body).toEqual({ id: body.id, pinged: true });
    await eventually(async () => {
      const rows = await world.sql(`select state from webhook_inbox where type = 'webhook_ping'`);
      expect(rows).toContainEqual({ state: 'ignored' });
    });
  });

  it('with a rotated key take both keys: what is on its way and what comes', async () => {
    const { body } = await register(here);
    const [first, second] = [signedNow(), signedNow()];
    const rotated = await call('POST', `/endpoints/${body.id}/rotate`);
    expect(rotated).toMatchObject({ status: 200, body: { id: body.id, previousKeyEnded: true } });
    expect(conekta.keys.map((key) => key.id)).not.toContain(keyIds(body)[0]);
    expect(await deliver(here, first)).toBe(200);
    // The other process may have looked for keys within the last second; then the provider's next attempt is taken.
    await eventually(async () => expect(await deliver(there, second)).toBe(200));
    expect(await deliver(here)).toBe(200);
    await eventually(async () => expect(await deliver(there)).toBe(200));
    await world.sql(`update webhook_keys set retired_at = now() where retired_at is not null`);
    await eventually(async () => expect(await deliver(there, second)).toBe(400));
  });

  it('that are deleted are believed no longer: here at once, by the others within the cache time', async () => {
    const { body } = await register(here);
    const [before, after] = [signedNow(), signedNow()];
    expect(await deliver(here, before)).toBe(200);
    await eventually(async () => expect(await deliver(there, before)).toBe(200));
    expect(await call('DELETE', `/endpoints/${body.id}`)).toMatchObject({
      status: 200,
      body: { deleted: true },
    });
    expect(conekta.state().webhooks).toEqual([]);
    expect(await deliver(here, after)).toBe(400);
    await eventually(async () => expect(await deliver(there, before)).toBe(400), 15_000);
    expect((await call('DELETE', `/endpoints/${body.id}`)).status).toBe(404);
  });

  it('take an event that comes again with another delivery log for the same, and nothing else', async () => {
    await register(here);
    const event = { ...plan(), webhook_status: 'pending', webhook_logs: [{ failed_attempts: 1 }] };
    const retried = { ...event, webhook_status: 'successful', webhook_logs: [{ failed_attempts: 2 }] };
    const altered = { ...event, data: { object: { id: 'another_plan' } } };
    for (const one of [event, retried, altered]) expect(await deliver(here, signedNow(one))).toBe(200);
    await eventually(() => {
      const said = here.lines.filter((line) => line.includes(event.id));
      expect(said).toEqual([expect.stringContaining('again with another body')]);
    });
  });

  it('tell the provider’s limits before it is asked', async () => {
    conekta.setWebhooks(Array.from({ length: 10 }, (_, index) => `https://elsewhere.example/${index}`));
    expect(await register(here)).toMatchObject({ status: 409, body: { code: 'endpoint_limit_reached' } });
    const { body } = await call('GET', '/endpoints?provider=conekta');
    expect(body.data).toHaveLength(10);
    expect(body.data).toContainEqual(
      expect.objectContaining({ state: 'foreign', url: 'https://elsewhere.example/0', keys: [] }),
    );
    const unknown = { provider: 'conekta', url: hookOf(here), events: ['order.flown'] };
    expect(await call('POST', '/endpoints', unknown)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    expect(await call('POST', '/endpoints', { provider: 'conekta', url: 'x', secret: 'y' })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'secret', rule: 'is not a known field' }] },
    });
  });

  it('at Stripe have a secret that nobody is told, and that is sealed in the database', async () => {
    const { status, body } = await register(here, 'stripe');
    expect([status, body.state]).toEqual([201, 'registered']);
    const secret = await secretOf(body);
    const event = stripeEvent();
    const headers = { 'content-type': 'application/json', 'stripe-signature': signed(event.body, secret) };
    for (const service of [here, there]) {
      expect((await post(hookOf(service, 'stripe'), event.body, headers)).status).toBe(200);
    }
    const rotated = await call('POST', `/endpoints/${body.id}/rotate`);
    expect(rotated.body.remoteId).not.toBe(body.remoteId);
    expect(world.stripe.state().webhookEndpoints.map(({ id }) => id)).toEqual([rotated.body.remoteId]);
    expect((await post(hookOf(here, 'stripe'), event.body, headers)).status).toBe(200);
    expect((await call('POST', `/endpoints/${body.id}/ping`)).body.code).toBe('capability_not_supported');

    const told = JSON.stringify([body, rotated.body, (await call('GET', '/endpoints')).body]);
    const logged = [...here.lines, ...there.lines].join('\n');
    const rows = await world.sql<{ value: Buffer; encrypted: boolean }>(
      'select value, encrypted from webhook_keys',
    );
    expect(rows.map((row) => row.encrypted)).toEqual([true, true]);
    const kept = rows.map((row) => row.value.toString('latin1')).join();
    for (const text of [told, logged, kept]) expect(text).not.toContain(secret);
  });

  describe('from the command line', () => {
    const cli = (line: string, env: Record<string, string> = {}): Promise<CliAnswer> => {
      const { STRIPE_ENDPOINT_SECRET: _none, ...rest } = serviceEnvironment({
        port: 0,
        natsUrl: 'nats://127.0.0.1:1',
        stripeUrl: world.stripe.url,
        database: { url: fresh.url },
      });
      return runCliProcess(['endpoints', ...line.split(' ')], { ...rest, ...common, ...env });
    };

    it('are registered, rotated, pinged and deleted, while the service runs and accepts', async () => {
      const registered = await cli(`register --provider conekta --url ${hookOf(here)} --json`);
      expect(registered).toMatchObject({ code: 0, stderr: '' });
      const endpoint = JSON.parse(registered.stdout);
      expect(endpoint).toMatchObject({
        created: true,
        state: 'registered',
        createdBy: expect.stringMatching(/^cli:./),
      });
      await eventually(async () => expect(await deliver(here)).toBe(200));

      expect(await cli('rotate --provider conekta')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`Rotated conekta ${endpoint.id}`),
      });
      await eventually(async () => expect(await deliver(here)).toBe(200));
      expect(await cli(`ping ${endpoint.id}`)).toMatchObject({ code: 0 });

      const listed = await cli('list --provider conekta');
      expect(listed.stdout).toMatch(
        new RegExp(`^registered +conekta +${endpoint.id} +\\S+ +\\d+ events, 2 keys\\n$`),
      );
      expect(await cli(`delete --provider conekta --url ${hookOf(here)}`)).toMatchObject({ code: 0 });
      expect((await cli('list --provider conekta')).stdout).toBe('No webhook endpoint is registered.\n');
    }, 120_000);

    it('say what went wrong, by exit code and in words', async () => {
      const refused = await cli(
        `register --provider conekta --url ${hookOf(here)} --events order.flown --json`,
      );
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.stdout).error).toMatchObject({ code: 'invalid_request' });
      const sealed = await cli(`register --provider stripe --url ${hookOf(here, 'stripe')}`, {
        ENCRYPTION_KEY: '',
      });
      expect(sealed).toMatchObject({ code: 1, stderr: expect.stringContaining('ENCRYPTION_KEY') });
      const faulty = await cli('list', { CONEKTA_PRIVATE_KEY: '', STRIPE_SECRET: 'short' });
      expect(faulty).toMatchObject({ code: 1, stderr: expect.stringContaining('STRIPE_SECRET') });
    }, 120_000);

    it('leave an embedded database to the service that has it', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'payments-data-'));
      const postgres = await startEmbeddedPostgres(directory);
      const answer = await cli('list', { DATABASE_URL: '', DATA_DIR: directory });
      expect(answer).toMatchObject({ code: 1, stdout: '' });
      expect(answer.stderr).toMatch(new RegExp(`database_in_use: .*process ${process.pid}.*DATABASE_URL`));
      await postgres.stop();
      await rm(directory, { recursive: true });
    });

    it('let a service start that has no webhook key in its environment, and none starts without any', async () => {
      const keyless = await world.newService(common);
      await keyless.start({ awaitLive: false });
      expect((await keyless.exited).code).toBe(1);
      expect(keyless.lines.join('\n')).toContain(
        'CONEKTA_WEBHOOK_PUBLIC_KEYS is missing, and no endpoint of conekta is registered',
      );
      expect(await cli(`register --provider conekta --url ${hookOf(keyless)}`)).toMatchObject({ code: 0 });
      await keyless.start();
      expect(await deliver(keyless)).toBe(200);
    }, 120_000);
  });

  /** As it was sealed, opened with the service's own key. */
  async function secretOf({ id }: Answer['body']): Promise<string> {
    const [row] = await world.sql<{ id: string; value: Buffer }>(
      'select id, value from webhook_keys where endpoint_id = $1',
      [id],
    );
    if (row === undefined) throw new Error('no key was stored');
    const box = new SecretBox({ key: Buffer.from(common.ENCRYPTION_KEY ?? '', 'hex') });
    return box.open(row.value, { provider: 'stripe', keyId: row.id });
  }

  function keyIds({ keys }: Answer['body']): unknown[] {
    return Array.isArray(keys) ? keys.map((key: { remoteId: unknown }) => key.remoteId) : [];
  }
});
