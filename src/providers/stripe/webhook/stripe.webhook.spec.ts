import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { ServiceError } from '../../../kernel/errors.js';
import { stripeBody } from '../../../../test/fixtures/stripe/stripe.fixtures.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import { verifyWebhook } from './stripe.webhook.js';

const SECRET = 'whsec_current';
const NOW = new Date(1_790_000_200_999);
const SECONDS = 1_790_000_200;
const TEXT = JSON.stringify(stripeBody('charge.succeeded'));

function sign(body: string | Uint8Array, { secret = SECRET, at = SECONDS } = {}): string {
  return createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex');
}

function header(body: string | Uint8Array = TEXT, options: { secret?: string; at?: number } = {}): string {
  return `t=${options.at ?? SECONDS},v1=${sign(body, options)}`;
}

function verify(signature: string, body: string | Uint8Array = TEXT, secrets = [SECRET]): WebhookEvent {
  const rawHeaders = ['Host', 'shop.example', 'Stripe-Signature', signature];
  return verifyWebhook(
    { body: Buffer.from(body), rawHeaders, query: '', now: NOW, registeredKeys: [] },
    secrets,
  );
}

function reasonOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error.code).toBe('signature_invalid');
    expect(error.message).toBe('The signature does not match');
    return Array.isArray(error.details) ? undefined : error.details.reason;
  }
  throw new Error('it was taken for authentic');
}

describe('an authentic webhook', () => {
  it('is told by its id, type, mode and body', () => {
    expect(verify(header())).toEqual({
      provider: 'stripe',
      eventId: stripeBody('charge.succeeded').id,
      type: 'charge.succeeded',
      livemode: false,
      account: undefined,
      ofTheDelivery: new Set(['pending_webhooks', 'api_version']),
      payload: stripeBody('charge.succeeded'),
    });
  });

  it('may be up to 300 seconds old, or ahead', () => {
    for (const at of [SECONDS - 299, SECONDS - 300, SECONDS + 300]) {
      expect(verify(header(TEXT, { at })).type).toBe('charge.succeeded');
    }
  });

  it('is signed with any of our secrets, while one is being rotated', () => {
    const both = `t=${SECONDS},v1=${sign(TEXT, { secret: 'whsec_old' })},v1=${sign(TEXT)},v0=abc`;
    expect(verify(both).type).toBe('charge.succeeded');
    expect(verify(both, TEXT, ['whsec_old']).type).toBe('charge.succeeded');
    expect(verify(header(), TEXT, ['whsec_next', SECRET]).type).toBe('charge.succeeded');
    expect(verify(`t=${SECONDS},v1=,v1=zz,v1=${'é'.repeat(64)},v1=${sign(TEXT)}`).type).toBe(
      'charge.succeeded',
    );
  });

  it('may be a thin one of API v2', () => {
    const thin = JSON.stringify(stripeBody('v2.core.account.updated'));
    expect(verify(header(thin), thin)).toMatchObject({ type: 'v2.core.account.updated', livemode: false });
  });

  it("may be another account's, and says so", () => {
    const connected = JSON.stringify({ ...stripeBody('charge.succeeded'), account: 'acct_other' });
    expect(verify(header(connected), connected).account).toBe('acct_other');
  });

  it('may hold __proto__, which changes nothing', () => {
    const body = '{"id":"evt_1","type":"ping","__proto__":{"livemode":true}}';
    expect(verify(header(body), body).livemode).toBe(false);
  });

  it('has one value for a key that is there twice', () => {
    const body = '{"id":"evt_1","type":"first","type":"second"}';
    expect(verify(header(body), body).type).toBe('second');
  });
});

describe('what is not authentic', () => {
  it('is every change of a byte', () => {
    const changed = TEXT.replace('3998', '3999');
    expect(reasonOf(() => verify(header(), changed))).toBe('no_signature_matches');
    const reordered = JSON.stringify(
      Object.fromEntries(Object.entries(stripeBody('charge.succeeded')).reverse()),
    );
    expect(reasonOf(() => verify(header(), reordered))).toBe('no_signature_matches');
  });

  it('is what is too old, or too far ahead', () => {
    expect(reasonOf(() => verify(header(TEXT, { at: SECONDS - 301 })))).toBe('timestamp_too_old');
    expect(reasonOf(() => verify(header(TEXT, { at: SECONDS + 301 })))).toBe('timestamp_in_future');
  });

  it('is what another secret signed, and everything where we have none', () => {
    expect(reasonOf(() => verify(header(TEXT, { secret: 'whsec_other' })))).toBe('no_signature_matches');
    expect(reasonOf(() => verify(header(), TEXT, []))).toBe('no_signature_matches');
    expect(reasonOf(() => verify(header(), TEXT, ['whsec_next']))).toBe('no_signature_matches');
  });

  it.each([
    '',
    't=',
    `t=${SECONDS}`,
    `t=${SECONDS},v0=${sign(TEXT)}`,
    `t=NaN,v1=${sign(TEXT)}`,
    `t=-1,v1=${sign(TEXT)}`,
    `t=${SECONDS},t=${SECONDS},v1=${sign(TEXT)}`,
    `t=${SECONDS}5x,v1=${sign(TEXT)}`,
    `v1=${sign(TEXT)}`,
    `t=${SECONDS},v1=`,
    `t=${SECONDS},v1=${sign(TEXT).toUpperCase()}`,
    `t=${SECONDS}${`,v1=${sign('x')}`.repeat(10_000)},v1=${sign(TEXT)}`,
    `t=${SECONDS}${`,v1=x`.repeat(16)},v1=${sign(TEXT)}`,
  ])('is a header like %.40s', (signature) => {
    expect(reasonOf(() => verify(signature))).toBe('header_malformed');
  });

  it('is a request without the header, or with two of them', () => {
    const request = { body: Buffer.from(TEXT), query: '', now: NOW, registeredKeys: [] };
    const twice = ['Stripe-Signature', header(), 'stripe-signature', header()];
    expect(reasonOf(() => verifyWebhook({ ...request, rawHeaders: [] }, [SECRET]))).toBe(
      'header_missing_or_repeated',
    );
    expect(reasonOf(() => verifyWebhook({ ...request, rawHeaders: twice }, [SECRET]))).toBe(
      'header_missing_or_repeated',
    );
    const asValue = ['X-Note', 'stripe-signature', 'X-Other', header()];
    expect(reasonOf(() => verifyWebhook({ ...request, rawHeaders: asValue }, [SECRET]))).toBe(
      'header_missing_or_repeated',
    );
  });

  it('is an empty body, a byte order mark, and what is not UTF-8, however signed', () => {
    expect(reasonOf(() => verify(header(''), ''))).toBe('body_empty');
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(TEXT)]);
    expect(reasonOf(() => verify(header(marked), marked))).toBe('body_not_utf8');
    const broken = Buffer.concat([Buffer.from(TEXT.slice(0, -1)), Buffer.from([0xff]), Buffer.from('}')]);
    expect(reasonOf(() => verify(header(broken), broken))).toBe('body_not_utf8');
  });

  it('is what is no event, and looked into only after its signature', () => {
    for (const body of ['null', '[]', '"evt_1"', '{', '7']) {
      expect(reasonOf(() => verify(header(body), body))).toBe('body_malformed');
      expect(reasonOf(() => verify(header('other'), body))).toBe('no_signature_matches');
    }
    for (const body of ['{}', '{"id":"evt_1"}', '{"id":7,"type":"x"}', '{"id":"ch_1","type":"x"}']) {
      expect(reasonOf(() => verify(header(body), body))).toBe('event_malformed');
    }
  });

  it('is nested too deep, counted without recursion and not inside strings', () => {
    const nested = (depth: number): string =>
      `{"id":"evt_1","type":"x","a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(verify(header(nested(63)), nested(63)).type).toBe('x');
    expect(reasonOf(() => verify(header(nested(64)), nested(64)))).toBe('body_malformed');
    expect(reasonOf(() => verify(header(nested(450_000)), nested(450_000)))).toBe('body_malformed');
    const quoted = `{"id":"evt_1","type":"x","a":"\\"${'['.repeat(200)}"}`;
    expect(verify(header(quoted), quoted).type).toBe('x');
  });
});
