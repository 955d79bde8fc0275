import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHmac, generateKeyPairSync, type KeyObject, sign as signWith } from 'node:crypto';
import { conektaBody } from '../../../../test/fixtures/conekta/conekta.fixtures.js';
import { ServiceError } from '../../../kernel/errors.js';
import { fingerprintOf } from '../../json.read.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import { verifyWebhook } from './conekta.webhook.js';

const TEXT = JSON.stringify(conektaBody('order.paid'));
const NOW = new Date(1_790_000_200_000);

function pair(): { pem: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(), privateKey };
}

const OURS = pair();
const OTHER = pair();
const ELLIPTIC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ELLIPTIC_PEM = ELLIPTIC.publicKey.export({ type: 'spki', format: 'pem' }).toString();

function digest(body: string | Uint8Array = TEXT, { privateKey } = OURS): string {
  return signWith('sha256', Buffer.from(body), privateKey).toString('base64');
}

function verify(header: string, body: string | Uint8Array = TEXT, keys = [OURS.pem]): WebhookEvent {
  return verifyHeaders(['Host', 'shop.example', 'Digest', header], body, keys);
}

function verifyHeaders(rawHeaders: string[], body: string | Uint8Array, keys: string[]): WebhookEvent {
  return verifyWebhook(
    { body: Buffer.from(body), rawHeaders, query: '', now: NOW, registeredKeys: [] },
    keys,
  );
}

function signed(body: string): WebhookEvent {
  return verify(digest(body), body);
}

function printOf(body: string): string {
  const { payload, ofTheDelivery = new Set() } = signed(body);
  return fingerprintOf(payload, ofTheDelivery);
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
    expect(verify(digest())).toEqual({
      provider: 'conekta',
      eventId: conektaBody('order.paid').id,
      type: 'order.paid',
      livemode: false,
      ofTheDelivery: new Set(['webhook_status', 'webhook_logs']),
      payload: conektaBody('order.paid'),
    });
  });

  it('may be a ping, which is about nothing', () => {
    const ping = JSON.stringify(conektaBody('webhook_ping'));
    expect(signed(ping)).toMatchObject({ type: 'webhook_ping', livemode: false });
  });

  it('is signed with any of our keys, while one is being rotated', () => {
    for (const keys of [
      [OTHER.pem, OURS.pem],
      [OURS.pem, OTHER.pem],
      [OURS.pem, OURS.pem],
    ]) {
      expect(verify(digest(), TEXT, keys).type).toBe('order.paid');
    }
  });

  it('is found beside keys that are none', () => {
    expect(verify(digest(), TEXT, ['', 'no key', ELLIPTIC_PEM, OURS.pem]).type).toBe('order.paid');
  });

  it('is found after more keys than are kept', () => {
    const many = Array.from({ length: 200 }, (_, at) => `no key ${at}`);
    expect(verify(digest(), TEXT, [...many, OURS.pem]).type).toBe('order.paid');
    expect(reasonOf(() => verify(digest(), TEXT, many))).toBe('no_signature_matches');
  });

  it('may hold __proto__, which changes nothing', () => {
    const body = '{"object":"event","id":"6a1","type":"x","__proto__":{"livemode":true}}';
    expect(signed(body).livemode).toBe(false);
    expect(printOf(body)).not.toBe(printOf('{"object":"event","id":"6a1","type":"x"}'));
  });

  it('has one value for a key that is there twice', () => {
    expect(signed('{"object":"event","id":"6a1","type":"first","type":"second"}').type).toBe('second');
  });
});

describe('the fingerprint', () => {
  const printWith = (changes: Record<string, unknown>): string =>
    printOf(JSON.stringify({ ...conektaBody('order.paid'), ...changes }));

  it('is that of every attempt to deliver the same', () => {
    const logs = [{ id: 'webhl_1', failed_attempts: 3, last_http_response_status: 503 }];
    expect(printWith({ webhook_status: 'failing', webhook_logs: logs })).toBe(printWith({}));
    expect(printWith({ webhook_status: undefined, webhook_logs: undefined })).toBe(printWith({}));
  });

  it('does not depend on how the body is written', () => {
    const reversed = Object.fromEntries(Object.entries(conektaBody('order.paid')).reverse());
    expect(printOf(JSON.stringify(reversed, null, 2))).toBe(printWith({}));
  });

  it('is another for every other change', () => {
    const object = { id: 'ord_1', webhook_status: 'here it counts' };
    const prints = [
      printWith({}),
      printWith({ created_at: 1 }),
      printWith({ livemode: true }),
      printWith({ data: {} }),
      printWith({ data: [] }),
      printWith({ data: null }),
      printWith({ data: { object } }),
      printWith({ data: { object: { ...object, webhook_status: 'there too' } } }),
      printWith({ data: [1, 2] }),
      printWith({ data: [2, 1] }),
      printWith({ data: ['1,2'] }),
    ];
    expect(new Set(prints).size).toBe(prints.length);
  });
});

describe('what is not authentic', () => {
  it('is every change of a byte', () => {
    expect(reasonOf(() => verify(digest(), TEXT.replace('39800', '39801')))).toBe('no_signature_matches');
    expect(reasonOf(() => verify(digest(), `${TEXT} `))).toBe('no_signature_matches');
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(conektaBody('order.paid')).reverse()));
    expect(reasonOf(() => verify(digest(), reordered))).toBe('no_signature_matches');
  });

  it('is what another key signed, and everything where we have none', () => {
    expect(reasonOf(() => verify(digest(TEXT, OTHER)))).toBe('no_signature_matches');
    expect(reasonOf(() => verify(digest(), TEXT, []))).toBe('no_signature_matches');
    expect(reasonOf(() => verify(digest(), TEXT, ['']))).toBe('no_signature_matches');
  });

  it('is what its sender brought the key for', () => {
    const body = JSON.stringify({ ...conektaBody('order.paid'), public_key: OTHER.pem });
    const header = digest(body, OTHER);
    const headers = ['Digest', header, 'X-Public-Key', OTHER.pem, 'Webhook-Key', OTHER.pem];
    expect(reasonOf(() => verifyHeaders(headers, body, [OURS.pem]))).toBe('no_signature_matches');
  });

  it('is what was signed otherwise: by HMAC with the public key, by another hash, padding or kind of key', () => {
    const hmac = createHmac('sha256', OURS.pem).update(TEXT).digest('base64');
    const sha1 = signWith('sha1', Buffer.from(TEXT), OURS.privateKey).toString('base64');
    const pss = signWith('sha256', Buffer.from(TEXT), { key: OURS.privateKey, padding: 6 }).toString(
      'base64',
    );
    for (const header of [hmac, sha1, pss]) {
      expect(reasonOf(() => verify(header))).toBe('no_signature_matches');
    }
    const elliptic = signWith('sha256', Buffer.from(TEXT), ELLIPTIC.privateKey).toString('base64');
    expect(reasonOf(() => verify(elliptic, TEXT, [ELLIPTIC_PEM]))).toBe('no_signature_matches');
  });

  it.each([
    ['nothing', ''],
    ['no base64', 'not base64!'],
    ['an algorithm in front', `SHA-256=${digest()}`],
    ['the alphabet of URLs', digest().replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')],
    ['hexadecimal in part', `0x${digest()}`],
    ['a line break', `${digest().slice(0, 60)}\n${digest().slice(60)}`],
    ['a space', ` ${digest()}`],
    ['no padding', digest().replace(/=+$/, '')],
    ['two signatures', `${digest()},${digest()}`],
    ['ten thousand signatures', digest().replace(/=+$/, '').repeat(10_000)],
    ['letters that are none', 'é'.repeat(344)],
  ])('is a header with %s', (_, header) => {
    expect(reasonOf(() => verify(header))).toBe('header_malformed');
  });

  it('is a header whose last letter hides other bits', () => {
    const header = digest();
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = letters.indexOf(header.slice(-3, -2));
    const twin = `${header.slice(0, -3)}${letters[last + 1]}==`;
    expect(Buffer.from(twin, 'base64')).toEqual(Buffer.from(header, 'base64'));
    expect(reasonOf(() => verify(twin))).toBe('header_malformed');
  });

  it('is a request without the header, or with two of them', () => {
    const reason = 'header_missing_or_repeated';
    expect(reasonOf(() => verifyHeaders([], TEXT, [OURS.pem]))).toBe(reason);
    const twice = ['Digest', digest(), 'digest', digest()];
    expect(reasonOf(() => verifyHeaders(twice, TEXT, [OURS.pem]))).toBe(reason);
    const asValue = ['X-Note', 'digest', 'X-Other', digest()];
    expect(reasonOf(() => verifyHeaders(asValue, TEXT, [OURS.pem]))).toBe(reason);
  });

  it('is an empty body, a byte order mark, and what is not UTF-8, however signed', () => {
    expect(reasonOf(() => verify(digest(''), ''))).toBe('body_empty');
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(TEXT)]);
    expect(reasonOf(() => verify(digest(marked), marked))).toBe('body_not_utf8');
    const broken = Buffer.concat([Buffer.from(TEXT.slice(0, -1)), Buffer.from([0xff]), Buffer.from('}')]);
    expect(reasonOf(() => verify(digest(broken), broken))).toBe('body_not_utf8');
  });

  it('is what is no event, and looked into only after its signature', () => {
    for (const body of ['null', '[]', '"6a1"', '{', '7']) {
      expect(reasonOf(() => signed(body))).toBe('body_malformed');
      expect(reasonOf(() => verify(digest('other'), body))).toBe('no_signature_matches');
    }
    const event = { object: 'event', id: '6a1', type: 'x' };
    const faults = [
      { object: 'order' },
      { object: undefined },
      { id: undefined },
      { id: 7 },
      { id: '' },
      { id: 'a b' },
      { id: '../6a1' },
      { id: 'a'.repeat(201) },
      { type: undefined },
      { type: ['x'] },
    ];
    for (const fault of faults) {
      expect(reasonOf(() => signed(JSON.stringify({ ...event, ...fault })))).toBe('event_malformed');
    }
  });

  it('is nested too deep, counted without recursion and not inside strings', () => {
    const nested = (depth: number): string =>
      `{"object":"event","id":"6a1","type":"x","a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(signed(nested(63)).type).toBe('x');
    expect(reasonOf(() => signed(nested(64)))).toBe('body_malformed');
    expect(reasonOf(() => signed(nested(450_000)))).toBe('body_malformed');
    expect(reasonOf(() => verify(digest('other'), nested(450_000)))).toBe('no_signature_matches');
  });
});

describe('whatever arrives', () => {
  it('is an event, or refused as not authentic, and nothing else is thrown', () => {
    const bodies = fc.oneof(
      fc.string().map((text) => Buffer.from(text)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({
          object: fc.constant('event'),
          id: fc.jsonValue(),
          type: fc.jsonValue(),
          data: fc.jsonValue(),
        })
        .map((event) => Buffer.from(JSON.stringify(event))),
    );
    const headers = fc.oneof(fc.string(), fc.base64String(), fc.constant('signed'));
    fc.assert(
      fc.property(bodies, headers, fc.array(fc.string()), (body, header, keys) => {
        try {
          const event = verify(header === 'signed' ? digest(body) : header, body, [...keys, OURS.pem]);
          expect(header).toBe('signed');
          expect(JSON.parse(body.toString())).toMatchObject({ id: event.eventId, type: event.type });
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError);
          expect(error).toMatchObject({ code: 'signature_invalid' });
        }
      }),
      { numRuns: 120 },
    );
  });

  it('is not authentic when a bit of the body or of the signature was turned over', () => {
    const flipped = (bytes: Uint8Array, bit: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return copy;
    };
    const body = Buffer.from(TEXT);
    const signature = Buffer.from(digest(), 'base64');
    fc.assert(
      fc.property(fc.nat(body.length * 8 - 1), fc.nat(signature.length * 8 - 1), (inBody, inSignature) => {
        expect(reasonOf(() => verify(digest(), flipped(body, inBody)))).toBe('no_signature_matches');
        const header = flipped(signature, inSignature).toString('base64');
        expect(reasonOf(() => verify(header))).toBe('no_signature_matches');
      }),
      { numRuns: 40 },
    );
  });
});
