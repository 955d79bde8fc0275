import { describe, expect, it } from '@jest/globals';
import { LogLines } from '../../../test/support/http/log.lines.js';
import { inRequest } from './request.context.js';
import { scrubText } from './scrub.js';

// Assembled here, so that no scanner takes this file for a leak.
const STRIPE_KEY = ['sk', 'live', 'canary51H8abcDEF'].join('_');
const PEM = `-----BEGIN PRIVATE KEY-----\nMIIEvQcanary\n-----END PRIVATE KEY-----`;

describe('the scrubber', () => {
  it.each([
    [STRIPE_KEY],
    [['sk', 'test', 'canary'].join('_')],
    [['rk', 'live', 'canary'].join('_')],
    ['whsec_canary+/='],
    ['key_canaryCanary123'],
    ['pi_3abc_secret_canary'],
    ['Bearer canary.token-1'],
    ['authorization: Basic Y2FuYXJ5OmNhbmFyeQ=='],
    [PEM],
    [PEM.replaceAll('\n', '\\n')],
    ['-----BEGIN PRIVATE KEY-----\ncanary cut off'],
    ['buyer.canary+tag@example.com.mx'],
    ['canary%40example.com'],
    ['josé.canary@correo.example'],
    ['postgres://canary:canary@db/payments'],
    ['nats://canary@127.0.0.1:4222'],
  ])('leaves nothing of %j', (text) => {
    expect(scrubText(`before ${text} after`)).not.toMatch(/canary|Y2FuYXJ5/i);
    expect(scrubText(`before ${text}`)).toMatch(/^before /);
  });

  it.each([
    '4242424242424242',
    '4242 4242 4242 4242',
    '4242-4242-4242-4242',
    '378282246310005',
    '4242424242424242 123',
  ])('leaves nothing of the card %s', (card) => {
    expect(scrubText(`card ${card}.`)).toBe('card [redacted].');
  });

  it.each([
    'payment 01934f5e-7a3b-7c11-8f00-4242424242ab',
    '42424242-4242-4242-8242-424242424242',
    'amount 1999 USD of order 4242',
    'idempotency_key_required',
    '2026-11-22T00:46:12.123Z',
    '1763772372000',
    'pi_3MtwBwLkdIwHu7ix28a3tqPa',
    'https://checkout.stripe.com/c/pay/cs_test_a1b2',
    'the bearer of bad news',
  ])('keeps %j', (text) => {
    expect(scrubText(text)).toBe(text);
  });

  it('cuts long text, without letting half a secret through', () => {
    const text = 'x'.repeat(8180) + ' ' + STRIPE_KEY + 'y'.repeat(100_000);
    const clean = scrubText(text);
    expect(clean.length).toBeLessThan(8200);
    expect(clean).not.toContain('canary');
  });

  it.each([
    'a'.repeat(1_000_000),
    'a@'.repeat(500_000),
    'a.'.repeat(500_000) + '@',
    `a@${'a-'.repeat(500_000)}`,
    '4'.repeat(1_000_000),
    '4 '.repeat(500_000),
    '-----BEGIN A-----'.repeat(50_000),
    '//'.repeat(500_000),
    `//${'a'.repeat(1_000_000)}`,
    'key_'.repeat(250_000),
    'Bearer '.repeat(140_000),
  ])('takes little time for hostile text (%#)', (text) => {
    const start = process.hrtime.bigint();
    scrubText(text);
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(50);
  });
});

describe('the logger', () => {
  it('writes one line of JSON with level, message and context', () => {
    const lines = new LogLines();
    lines.logger.log('started', 'Main');
    expect(lines.records).toEqual([{ level: 30, time: expect.any(String), context: 'Main', msg: 'started' }]);
  });

  it('writes the stack of an error once, with its causes', () => {
    const lines = new LogLines();
    lines.logger.error('it failed', new Error('outer', { cause: new TypeError('inner') }), 'Worker');
    expect(lines.records[0]).toMatchObject({
      level: 50,
      msg: 'it failed',
      context: 'Worker',
      err: {
        type: 'Error',
        message: 'outer',
        stack: expect.any(String),
        cause: { type: 'TypeError', message: 'inner' },
      },
    });
  });

  it('takes Nest’s own way of passing a stack', () => {
    const lines = new LogLines();
    lines.logger.error('bad', new Error('x').stack, 'Nest');
    expect(lines.records[0]).toMatchObject({
      msg: 'bad',
      context: 'Nest',
      stack: expect.stringContaining('    at '),
    });
  });

  it('keeps line breaks and control characters inside the one line', () => {
    const lines = new LogLines();
    lines.logger.warn('first\r\n{"level":60,"msg":"forged"}\u0000\u001b[31m', 'X\nY');
    expect(lines.text).toHaveLength(1);
    expect(lines.text[0]?.trimEnd()).not.toMatch(/[\r\n\u0000\u001b]/);
  });

  it('puts the request’s id on every line of the request', async () => {
    const lines = new LogLines();
    await inRequest('req-1', async () => {
      await Promise.resolve();
      lines.logger.log('inside');
    });
    lines.logger.log('outside');
    expect(lines.records.map((record) => record.requestId)).toEqual(['req-1', undefined]);
  });

  it('never writes the values of secret keys, at any depth, nor bytes', () => {
    const lines = new LogLines();
    const headers = {
      Authorization: 'canary',
      cookie: 'canary',
      'Stripe-Signature': 'canary',
      digest: 'canary',
    };
    lines.logger.log({ request: { headers: [headers], 'x-api-key': 'canary', body: Buffer.from('canary') } });
    expect(lines.all).not.toContain('canary');
    expect(lines.all).not.toContain(Buffer.from('canary').toString('base64'));
  });

  it('drops the parameters that Drizzle puts into its messages', () => {
    const lines = new LogLines();
    lines.logger.error(new Error('Failed query: insert into x values ($1)\nparams: Juana Canary,7'));
    expect(lines.all).not.toContain('Canary');
    expect(lines.all).toContain('Failed query');
  });

  it('survives what cannot be written: cycles, bigints, broken dates', () => {
    const lines = new LogLines();
    const cycle: Record<string, unknown> = { amount: 5n, at: new Date(Number.NaN) };
    cycle.self = cycle;
    lines.logger.log(cycle);
    expect(lines.records[0]).toMatchObject({ data: { amount: '5', at: 'Invalid Date' } });
  });
});
