import { beforeEach, describe, expect, it } from '@jest/globals';
import { userInfo } from 'node:os';
import { EnvironmentFaults } from '../config/environment.js';
import { DirectoryInUse } from '../database/embedded.server.js';
import { ServiceError } from '../kernel/errors.js';
import type { EndpointAnswer, RotatedEndpointAnswer } from '../webhooks/endpoint/endpoint.dto.js';
import type { EventResource } from '../webhooks/events/event.dto.js';
import { runCli } from './cli.program.js';
import type { InSession, Session } from './cli.session.js';

const ENDPOINT: EndpointAnswer = {
  id: '0194a0de-0000-7000-8000-000000000001',
  provider: 'fake',
  remoteId: 'we_1',
  url: 'https://pay.example/webhooks/fake',
  state: 'registered',
  active: true,
  livemode: false,
  events: ['payment.paid'],
  createdBy: 'cli',
  createdAt: '2026-11-22T00:00:00.000Z',
  keys: [{ id: 'k1', remoteId: null, createdAt: '2026-11-22T00:00:00.000Z', retiredAt: null }],
};
const EVENT: EventResource = {
  id: '7',
  provider: 'fake',
  eventId: 'evt_1',
  type: 'payment.paid',
  livemode: false,
  state: 'received',
  outcome: null,
  lastError: 'a column is missing',
  attempts: 9,
  failures: 8,
  receivedAt: '2026-11-22T00:00:00.000Z',
  nextAttemptAt: '2026-11-22T00:05:00.000Z',
  processedAt: null,
  replayable: true,
};
const FOREIGN: EndpointAnswer = {
  ...ENDPOINT,
  id: 'fake:we_2',
  remoteId: 'we_2',
  url: 'https://elsewhere.example/hook',
  state: 'foreign',
  events: [],
  keys: [],
};

describe('the command line', () => {
  let out: string;
  let err: string;
  let calls: unknown[][];
  let listed: EndpointAnswer[];
  let rotated: RotatedEndpointAnswer;
  let failure: unknown;
  let withoutBody: number;
  beforeEach(() => {
    withoutBody = 0;
    [out, err, calls, listed, failure] = ['', '', [], [ENDPOINT], undefined];
    rotated = { ...ENDPOINT, previousKeyEnded: true };
  });

  const noted = <T>(answer: T, ...call: unknown[]): Promise<T> => {
    calls.push(call);
    return Promise.resolve(answer);
  };
  const endpoints: Session['endpoints'] = {
    list: (provider) => noted(listed, 'list', provider),
    register: (wish, by) => noted({ endpoint: ENDPOINT, created: true }, 'register', wish, by),
    rotate: (id, by) => noted(rotated, 'rotate', id, by),
    delete: (id, by) => noted({ id, deleted: true }, 'delete', id, by),
    ping: (id, by) => noted({ id, pinged: true }, 'ping', id, by),
  };
  const events: Session['events'] = {
    list: (query) => noted({ data: [EVENT], nextCursor: null }, 'events', query),
    replay: (id, by) => noted(EVENT, 'replay', id, by),
    replayDead: (provider, by) => noted({ revived: 3, withoutBody }, 'replayDead', provider, by),
  };
  const schema: Session['schema'] = {
    migrations: 6,
    missingIndexes: () => Promise.resolve(calls.length > 0 ? [] : ['customers_by_name']),
    buildIndexes: () => noted(['customers_by_name'], 'buildIndexes'),
  };
  const inSession: InSession = (work) =>
    failure === undefined ? work({ endpoints, events, schema }) : Promise.reject(failure);
  const run = (line: string) =>
    runCli(line.split(' ').filter(Boolean), inSession, {
      out: (text) => (out += text),
      err: (text) => (err += text),
    });

  it('T25g says who asks: the system’s user', async () => {
    const by = `cli:${userInfo().username}`;
    for (const verb of ['rotate', 'ping', 'delete']) {
      expect(await run(`endpoints ${verb} ${ENDPOINT.id}`)).toBe(0);
      expect(calls.pop()).toEqual([verb, ENDPOINT.id, by]);
    }
  });

  it('S14n migrates, says what is not built yet, and builds it when told to', async () => {
    expect(await run('migrate')).toBe(0);
    expect(out).toBe(
      'The schema is up to date: 6 migrations.\nNot built yet: customers_by_name. Run it with --indexes.\n',
    );
    out = '';
    expect(await run('migrate --indexes --json')).toBe(0);
    expect(JSON.parse(out)).toEqual({ migrations: 6, built: ['customers_by_name'], missing: [] });
    expect(calls).toEqual([['buildIndexes']]);
  });

  it('registers with what was wished', async () => {
    const url = 'https://pay.example/hook';
    expect(await run(`endpoints register --provider fake --url ${url} --events a.b,c.d`)).toBe(0);
    expect(calls).toEqual([
      ['register', { provider: 'fake', url, events: ['a.b', 'c.d'] }, expect.stringMatching(/^cli:./)],
    ]);
    expect(out).toBe(
      `Registered fake ${ENDPOINT.id}, 1 event, 1 key, at https://pay.example/webhooks/fake\n`,
    );
    expect(err).toBe('');
  });

  it('lists a line for each endpoint, or says that there is none', async () => {
    listed = [ENDPOINT, FOREIGN];
    expect(await run('endpoints list --provider fake')).toBe(0);
    expect(out).toBe(
      [
        `registered  fake  ${ENDPOINT.id}  https://pay.example/webhooks/fake  1 event, 1 key`,
        `foreign     fake  ${'fake:we_2'.padEnd(36)}  https://elsewhere.example/hook     all events, 0 keys`,
        '',
      ].join('\n'),
    );
    [out, listed] = ['', []];
    expect(await run('endpoints list')).toBe(0);
    expect(out).toBe('No webhook endpoint is registered.\n');
  });

  it('lets nothing that others wrote move the cursor', async () => {
    listed = [{ ...FOREIGN, url: 'https://elsewhere.example/\u001b[2J\u202e' }];
    await run('endpoints list');
    expect(out).not.toMatch(/[\u001b\u202e]/);
  });

  it.each([
    ['that the old key is accepted a while', true, 2, 'accepted for 24 hours more'],
    ['how to end a key of ours that the provider still has', false, 2, 'rotate again to end it'],
    ['that a key of somebody else is theirs to remove', false, 1, 'not ours and still at the provider'],
  ])('says after a rotation %s', async (_what, previousKeyEnded, count, said) => {
    rotated = { ...ENDPOINT, previousKeyEnded, keys: ENDPOINT.keys.flatMap((key) => Array(count).fill(key)) };
    expect(await run(`endpoints rotate ${ENDPOINT.id}`)).toBe(0);
    expect(out).toContain(said);
  });

  it.each([
    ['list', { data: [ENDPOINT] }],
    ['register --provider fake', { ...ENDPOINT, created: true }],
    ['rotate --provider fake', { ...ENDPOINT, previousKeyEnded: true }],
    [`delete ${ENDPOINT.id}`, { id: ENDPOINT.id, deleted: true }],
    [`ping ${ENDPOINT.id}`, { id: ENDPOINT.id, pinged: true }],
  ])('gives programs the whole answer of %s', async (command, answer) => {
    expect(await run(`endpoints ${command} --json`)).toBe(0);
    expect(JSON.parse(out)).toEqual(answer);
  });

  describe.each(['rotate', 'delete', 'ping'])('%s', (command) => {
    const asked = () => calls.filter(([name]) => name !== 'list').map(([, id]) => id);

    it('takes an id as it is', async () => {
      expect(await run(`endpoints ${command} fake:we_2`)).toBe(0);
      expect(asked()).toEqual(['fake:we_2']);
    });

    it('finds the one endpoint of a provider that is ours', async () => {
      listed = [FOREIGN, ENDPOINT];
      expect(await run(`endpoints ${command} --provider fake`)).toBe(0);
      expect(asked()).toEqual([ENDPOINT.id]);
    });

    it('finds the one at a URL, whoever registered it', async () => {
      listed = [FOREIGN, ENDPOINT];
      expect(await run(`endpoints ${command} --provider fake --url ${FOREIGN.url}`)).toBe(0);
      expect(asked()).toEqual([FOREIGN.id]);
    });

    it.each([
      ['', [], 'which endpoint'],
      ['--provider fake', [FOREIGN], 'no such endpoint'],
      ['--provider fake', [ENDPOINT, { ...ENDPOINT, id: 'other' }], 'other (https://pay.example'],
      ['--provider fake --url https://nowhere.example', [ENDPOINT, FOREIGN], 'no such endpoint'],
    ])('does nothing with %j when that does not name one', async (flags, present, said) => {
      listed = present;
      expect(await run(`endpoints ${command} ${flags}`)).toBe(2);
      expect(err).toContain(said);
      expect(asked()).toEqual([]);
    });
  });

  describe('T22j replay', () => {
    const actor = `cli:${userInfo().username}`;

    it('has one event tried again, in the name of who asks', async () => {
      expect(await run('replay evt_1')).toBe(0);
      expect(calls).toEqual([['replay', 'evt_1', actor]]);
      expect(out).toMatch(/^Tried again: 7 {2}received {2}fake {2}evt_1 .*a column is missing\n$/);
    });

    it('has all that are dead tried again, and says how many cannot be', async () => {
      withoutBody = 2;
      expect(await run('replay --dead --provider fake')).toBe(0);
      expect(calls).toEqual([['replayDead', 'fake', actor]]);
      expect(out).toContain('tried again: 3. 2 stay dead: their bodies were pruned');
    });

    it('shows them first', async () => {
      expect(await run('events --state dead --json')).toBe(0);
      expect(calls).toEqual([['events', { state: 'dead', provider: undefined, limit: 100 }]]);
      expect(JSON.parse(out)).toEqual({ data: [EVENT], nextCursor: null });
    });

    it.each(['replay', 'replay evt_1 --dead', 'events --state none'])('does nothing at %j', async (line) => {
      expect(await run(line)).toBe(2);
      expect([err === '', calls]).toEqual([false, []]);
    });
  });

  it.each([
    '',
    'nothing',
    'endpoints',
    'endpoints nothing',
    'endpoints register',
    'endpoints register --provider fake --events ,',
    'endpoints list --loud',
    'endpoints ping one two',
  ])('answers 2 to %j, and touches nothing', async (line) => {
    expect(await run(line)).toBe(2);
    expect(err).not.toBe('');
    expect([out, calls]).toEqual(['', []]);
  });

  it.each(['--help', 'endpoints --help', 'endpoints register --help', 'help endpoints'])(
    'explains %s',
    async (line) => {
      expect(await run(line)).toBe(0);
      expect(out).toContain('Usage: cli');
      expect(err).toBe('');
    },
  );

  describe('that fails', () => {
    it('says the code and the message, and ends with 1', async () => {
      failure = new ServiceError('endpoint_limit_reached', 'no more', { limit: 10 });
      expect(await run('endpoints list')).toBe(1);
      expect([out, err]).toEqual(['', 'endpoint_limit_reached: no more\n']);
    });

    it('tells programs the same on stdout', async () => {
      failure = new ServiceError('endpoint_limit_reached', 'no more', { limit: 10 });
      expect(await run('endpoints list --json')).toBe(1);
      expect(JSON.parse(out)).toEqual({
        error: { code: 'endpoint_limit_reached', message: 'no more', details: { limit: 10 } },
      });
    });

    it('names the way out when a running service has the embedded database', async () => {
      failure = new DirectoryInUse('./data is in use by process 1');
      expect(await run('endpoints list')).toBe(1);
      expect(err).toMatch(/^database_in_use: .* in use by process 1\. .*\/endpoints.*DATABASE_URL\n$/);
    });

    it('lists the faults of the environment', async () => {
      failure = new EnvironmentFaults(['A is missing', 'B is wrong']);
      expect(await run('endpoints list --json')).toBe(1);
      expect(JSON.parse(out).error).toMatchObject({
        code: 'environment',
        details: { faults: ['A is missing', 'B is wrong'] },
      });
    });

    it('repeats no secret', async () => {
      failure = new Error('refused: sk_live_canary123 whsec_canary123');
      expect(await run('endpoints list')).toBe(1);
      expect(err).toBe('internal: refused: [redacted] [redacted]\n');
    });
  });

  it('S16e tells every cause of what failed, each once', async () => {
    const refused = ['::1', '127.0.0.1'].map((host) => new Error(`connect ECONNREFUSED ${host}:5432`));
    const driver = new Error('unsupported startup parameter: statement_timeout');
    failure = new Error('Failed query: select $1\nparams: buyer@shop.example', {
      cause: new AggregateError([...refused, refused[0]], '', { cause: driver }),
    });
    expect(await run('endpoints list')).toBe(1);
    expect(err).toBe(
      'internal: connect ECONNREFUSED ::1:5432: connect ECONNREFUSED 127.0.0.1:5432: ' +
        'unsupported startup parameter: statement_timeout\n',
    );
  });
});
