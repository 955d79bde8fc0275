import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppBed, WEBHOOK_SECRET } from '../support/domain/app.bed.js';
import { type HttpAnswer, post, sendBytes } from '../support/domain/http.call.js';
import { until } from '../support/outbox/until.js';
import { signatureOf, signed, stripeEvent, type TestEvent } from '../support/domain/signed.event.js';

const MIB = 1_048_576;
const OLD_SECRET = 'whsec_that_is_rolled_out';
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

describe.each(['/webhooks/stripe', '/payments/webhook'])('a webhook at %s', (path) => {
  let bed: AppBed;
  beforeAll(async () => {
    bed = await AppBed.start({ STRIPE_ENDPOINT_SECRET: `${OLD_SECRET},${WEBHOOK_SECRET}` });
  });
  afterAll(() => bed.stop());

  const deliver = (
    body: string | Buffer,
    signature: string | string[] | undefined,
    headers = {},
  ): Promise<HttpAnswer> =>
    post(bed.url + path, body, {
      ...JSON_TYPE,
      ...(signature === undefined ? {} : { 'stripe-signature': signature }),
      ...headers,
    });
  const deliverSigned = (body: string | Buffer, headers = {}) =>
    deliver(body, signed(body, WEBHOOK_SECRET), headers);
  const stored = (eventId: string) =>
    bed.rows<{ state: string; body: Uint8Array | null }>(
      `select state, body from webhook_inbox where event_id = '${eventId}'`,
    );
  const storedAtAll = async (): Promise<number> => {
    const [row] = await bed.rows<{ n: number }>('select count(*)::int as n from webhook_inbox');
    return row?.n ?? 0;
  };
  const expectTaken = async (answer: HttpAnswer, event: TestEvent): Promise<void> => {
    expect([answer.status, answer.body]).toEqual([200, { received: true }]);
    expect(await stored(event.id)).toHaveLength(1);
  };
  /** The one body of every refusal, with nothing of ours or of the sender's in it. */
  const expectRefused = (answer: HttpAnswer, status = 400, code = 'signature_invalid'): void => {
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      code,
      message: expect.any(String),
      details: expect.anything(),
      requestId: expect.any(String),
    });
    expect(answer.text).not.toMatch(/whsec|\bat .*\.[jt]s|node_modules|evt_/);
  };
  const nothingStored = async (work: () => Promise<void>): Promise<void> => {
    const before = await storedAtAll();
    await work();
    expect(await storedAtAll()).toBe(before);
  };

  it.each(['/api/payments/webhook', '/payment/webhook', '/payments/stripe-webhook', '/payments/hook'])(
    'T18n may also come to %s, and is verified there too',
    async (other) => {
      const event = stripeEvent();
      const headers = { ...JSON_TYPE, 'stripe-signature': signed(event.body, WEBHOOK_SECRET) };
      await expectTaken(await post(bed.url + other, event.body, headers), event);
      expectRefused(await post(bed.url + other, `${event.body} `, headers));
    },
  );

  it('that is signed is answered 200, exactly, once it is stored byte for byte', async () => {
    const event = stripeEvent();
    await expectTaken(await deliverSigned(event.body), event);
    const [row] = await stored(event.id);
    expect(Buffer.from(row?.body ?? []).toString()).toBe(event.body);
  });

  it('1: with any one byte flipped is refused', async () => {
    await nothingStored(async () => {
      const { body } = stripeEvent();
      const signature = signed(body, WEBHOOK_SECRET);
      for (const at of [0, 1, 7, 40, body.length >> 1, body.length - 1]) {
        const flipped = Buffer.from(body);
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        expectRefused(await deliver(flipped, signature));
      }
      const [head, tail] = [signature.slice(0, -1), signature.slice(-1)];
      expectRefused(await deliver(body, head + (tail === '0' ? '1' : '0')));
    });
  });

  it('2, 3: may be 299 s old or ahead, and not 302', async () => {
    for (const age of [299, -298]) {
      const event = stripeEvent();
      await expectTaken(await deliver(event.body, signed(event.body, WEBHOOK_SECRET, age)), event);
    }
    await nothingStored(async () => {
      for (const age of [301, -302, 86_400, -86_400]) {
        const { body } = stripeEvent();
        expectRefused(await deliver(body, signed(body, WEBHOOK_SECRET, age)));
      }
    });
  });

  it('4: signed with another secret is refused', async () => {
    await nothingStored(async () => {
      const { body } = stripeEvent();
      for (const secret of [
        'whsec_of_another_endpoint',
        '',
        'undefined',
        WEBHOOK_SECRET.slice(6),
        `${WEBHOOK_SECRET} `,
      ]) {
        expectRefused(await deliver(body, signed(body, secret)));
      }
    });
  });

  it('5: needs one right signature among several, and a header of 10,000 is not read', async () => {
    const event = stripeEvent();
    const timestamp = Math.floor(Date.now() / 1000);
    const good = signatureOf(event.body, WEBHOOK_SECRET, timestamp);
    const bad = '0'.repeat(64);
    await expectTaken(await deliver(event.body, `t=${timestamp},v1=${bad},v1=${good},v0=${bad}`), event);
    await nothingStored(async () => {
      const { body } = stripeEvent();
      const right = `v1=${signatureOf(body, WEBHOOK_SECRET, timestamp)}`;
      expectRefused(await deliver(body, `t=${timestamp},v1=${bad}`));
      expectRefused(await deliver(body, `t=${timestamp},${`v1=${bad},`.repeat(100)}${right}`));
      expectRefused(
        await deliver(body, `t=${timestamp},${`v1=${bad},`.repeat(10_000)}${right}`),
        431,
        'invalid_request',
      );
    });
  });

  it('6: is taken under both secrets while one is being rolled', async () => {
    for (const secret of [OLD_SECRET, WEBHOOK_SECRET]) {
      const event = stripeEvent();
      await expectTaken(await deliver(event.body, signed(event.body, secret)), event);
    }
  });

  it('7: with a header that Stripe would not write is refused', async () => {
    await nothingStored(async () => {
      const { body } = stripeEvent();
      const t = Math.floor(Date.now() / 1000);
      const v1 = signatureOf(body, WEBHOOK_SECRET, t);
      const headers = [
        ...[
          undefined,
          '',
          ' ',
          't=',
          `t=${t}`,
          `v1=${v1}`,
          `t=${t},v0=${v1}`,
          `t=NaN,v1=${v1}`,
          `t=,v1=${v1}`,
        ],
        ...[`t=${t}.0,v1=${v1}`, `t=-${t},v1=${v1}`, `t=1e9,v1=${v1}`, `t=${t},v1=`, `t=${t},v1=${v1}00`],
        ...[
          `t=${t},t=${t},v1=${v1}`,
          `t=${t};v1=${v1}`,
          `T=${t},V1=${v1}`,
          `t=99999999999999999999,v1=${v1}`,
        ],
        ...[`t=${t},v1=${v1.slice(0, -1)}é`, '{}', 'null', `t=${t},v1=${v1.toUpperCase()}`],
      ];
      for (const header of headers) expectRefused(await deliver(body, header));
    });
  });

  it('8: with two signature headers is refused, even if both are right', async () => {
    await nothingStored(async () => {
      const { body } = stripeEvent();
      const right = signed(body, WEBHOOK_SECRET);
      expectRefused(await deliver(body, [right, right]));
      expectRefused(await deliver(body, [right, 't=1,v1=00']));
    });
  });

  it('9: written anew under the old signature is refused', async () => {
    await nothingStored(async () => {
      const { body } = stripeEvent({ data: { object: { name: 'Café', price: 1 } } });
      const signature = signed(body, WEBHOOK_SECRET);
      const parsed: Record<string, unknown> = JSON.parse(body);
      const reordered = JSON.stringify(Object.fromEntries(Object.entries(parsed).reverse()));
      for (const other of [
        reordered,
        body.replace('é', '\\u00e9'),
        JSON.stringify(parsed, null, 2),
        `${body}\n`,
        ` ${body}`,
      ]) {
        expectRefused(await deliver(other, signature));
      }
    });
  });

  it('10: with a byte order mark, or not in UTF-8, is refused though it is signed', async () => {
    await nothingStored(async () => {
      const { body } = stripeEvent();
      const broken = Buffer.from(stripeEvent({ type: 'XX' }).body);
      broken.writeUInt16BE(0xc328, broken.indexOf('XX'));
      for (const bytes of [Buffer.from(`\uFEFF${body}`), broken, Buffer.from(body, 'utf16le')]) {
        expectRefused(await deliverSigned(bytes));
      }
    });
  });

  it('11, 16, 17: in another type, charset or encoding is answered 415', async () => {
    await nothingStored(async () => {
      const { body } = stripeEvent();
      const types = [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/json; charset=utf-16',
        'text/json',
      ];
      for (const type of types) {
        expectRefused(await deliverSigned(body, { 'content-type': type }), 415, 'unsupported_media_type');
      }
      for (const encoding of ['gzip', 'deflate', 'br']) {
        expectRefused(
          await deliverSigned(body, { 'content-encoding': encoding }),
          415,
          'unsupported_media_type',
        );
      }
      const { 'content-type': _none, ...bare } = {
        ...JSON_TYPE,
        'stripe-signature': signed(body, WEBHOOK_SECRET),
      };
      expectRefused(await post(bed.url + path, body, bare), 415, 'unsupported_media_type');
    });
  });

  it('12, 14: may have 1 MiB, not one byte more, and 20 MB are not read', async () => {
    const empty = stripeEvent({ pad: '' });
    const fits = stripeEvent({ id: empty.id, pad: 'x'.repeat(MIB - Buffer.byteLength(empty.body)) });
    expect(Buffer.byteLength(fits.body)).toBe(MIB);
    await expectTaken(await deliverSigned(fits.body), fits);
    await nothingStored(async () => {
      expectRefused(await deliverSigned(`${fits.body} `), 413, 'payload_too_large');
      const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20971520\r\n`;
      // Only the announcement is sent: a server that waited for the body would never answer.
      const answer = await sendBytes(bed.url, `${head}connection: close\r\n\r\n{`);
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    });
  });

  it('13: in chunks is taken, and with two lengths refused', async () => {
    const event = stripeEvent();
    const bytes = Buffer.from(event.body);
    const chunks = [bytes.subarray(0, 10), bytes.subarray(10, 11), bytes.subarray(11)];
    const headers = { ...JSON_TYPE, 'stripe-signature': signed(event.body, WEBHOOK_SECRET) };
    await expectTaken(await post(bed.url + path, chunks, headers), event);
    await nothingStored(async () => {
      const { body } = stripeEvent();
      const smuggled = [
        `POST ${path} HTTP/1.1`,
        'host: x',
        'content-type: application/json',
        `stripe-signature: ${signed(body, WEBHOOK_SECRET)}`,
        `content-length: ${Buffer.byteLength(body)}`,
        'transfer-encoding: chunked',
        '',
        `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ];
      expect(await sendBytes(bed.url, smuggled.join('\r\n'))).toMatch(/^HTTP\/1\.1 400 /);
    });
  });

  it('15: nested 45,000 deep is refused, signed or not', async () => {
    await nothingStored(async () => {
      const deep = `{"id":"evt_deep","type":"x","data":${'['.repeat(45_000)}${']'.repeat(45_000)}}`;
      expectRefused(await deliver(deep, signed(deep, 'whsec_wrong_secret')));
      expectRefused(await deliverSigned(deep));
    });
  });

  it('that is signed and no event at all is refused', async () => {
    await nothingStored(async () => {
      const bodies = ['', '{', 'null', '[]', '"text"', '1', '{}', '{"id":"evt_1"}', '{"id":1,"type":"x"}'];
      for (const body of bodies) expectRefused(await deliverSigned(body));
      expectRefused(await deliverSigned(stripeEvent({ id: "evt_1'; drop table webhook_inbox" }).body));
      expectRefused(await deliverSigned(stripeEvent({ id: `evt_${'x'.repeat(300)}` }).body));
    });
  });

  it.each([
    ['18: of live mode, under a test key,', { livemode: true }],
    ['19: of another account', { account: 'acct_of_somebody_else' }],
  ])('%s is stored, and moves nothing', async (_which, changes) => {
    const orderId = `order-${path}-${Object.keys(changes).join()}`;
    const charge = chargeOf({ orderId });
    const event = stripeEvent({ type: 'charge.succeeded', data: { object: charge }, ...changes });
    await expectTaken(await deliverSigned(event.body), event);
    // Whatever follows it in the inbox is worked off; it is not.
    const next = stripeEvent();
    await deliverSigned(next.body);
    await worked(next);
    expect(await stored(event.id)).toMatchObject([{ state: 'quarantined' }]);
    expect(await bed.rows(`select id from payments where order_id = '${orderId}'`)).toEqual([]);
  });

  it('20: of the thin sort, or of an unknown type, is taken', async () => {
    const thin = stripeEvent({
      object: 'v2.core.event',
      type: 'v1.billing.meter.error_report_triggered',
      created: '2026-11-22T00:00:00.000Z',
      data: undefined,
      related_object: { id: 'mtr_1', type: 'billing.meter', url: '/v1/billing/meters/mtr_1' },
    });
    const unknown = stripeEvent({ type: 'something.new', api_version: '2031-01-01.zebra', data: null });
    const odd = stripeEvent({
      type: 'charge.succeeded',
      data: { object: { object: 'charge', amount: 'many', metadata: [] } },
    });
    for (const event of [thin, unknown, odd]) {
      await expectTaken(await deliverSigned(event.body), event);
      await worked(event);
      expect(await stored(event.id)).toMatchObject([{ state: 'ignored' }]);
    }
  });

  it('23: that comes again and again is stored once, and 200 every time', async () => {
    const event = stripeEvent();
    for (let time = 0; time < 3; time += 1) await expectTaken(await deliverSigned(event.body), event);
  });

  it('27: under a known id with another body changes nothing, and alerts', async () => {
    const event = stripeEvent({ note: 'first' });
    const altered = stripeEvent({ id: event.id, note: 'second' });
    await expectTaken(await deliverSigned(event.body), event);
    await expectTaken(await deliverSigned(altered.body), altered);
    const [row] = await stored(event.id);
    expect(Buffer.from(row?.body ?? []).toString()).toBe(event.body);
    expect(bed.logs.all).toContain(`sent ${event.id} again with another body`);
  });

  it('24: with a prototype in its metadata pollutes nothing', async () => {
    const event = stripeEvent({ type: 'charge.succeeded', data: { object: chargeOf({}) } });
    const polluting = event.body.replace(
      '"metadata":{}',
      '"metadata":{"__proto__":{"orderId":"polluted"},"constructor":{"prototype":{"orderId":"polluted"}}}',
    );
    expect(polluting).not.toBe(event.body);
    await expectTaken(await deliverSigned(polluting), event);
    await worked(event);
    expect(await stored(event.id)).toMatchObject([{ state: 'ignored' }]);
    expect(Reflect.get({}, 'orderId')).toBeUndefined();
    expect(await bed.rows(`select id from payments where order_id = 'polluted'`)).toEqual([]);
  });

  it('25: with a key twice is read in one way throughout', async () => {
    const [first, second] = [stripeEvent(), stripeEvent()];
    const twice = second.body.replace('{', `{"id":"${first.id}",`);
    await expectTaken(await deliverSigned(twice), second);
    expect(await stored(first.id)).toEqual([]);
  });

  it('is counted when it is refused', async () => {
    const count = async () => {
      const text = await (await fetch(`${bed.url}/metrics`)).text();
      return Number(
        /webhooks_received_total\{provider="stripe",outcome="refused"\} (\d+)/.exec(text)?.[1] ?? 0,
      );
    };
    const before = await count();
    await deliver(stripeEvent().body, undefined);
    expect(await count()).toBe(before + 1);
  });

  const worked = (event: TestEvent) =>
    until(async () => (await stored(event.id)).some(({ state }) => state !== 'received'));
});

function chargeOf(metadata: Record<string, string>): Record<string, unknown> {
  return {
    id: 'ch_1',
    object: 'charge',
    amount: 1_999,
    amount_captured: 1_999,
    captured: true,
    created: 1_790_000_000,
    currency: 'usd',
    livemode: false,
    metadata,
    paid: true,
    payment_intent: 'pi_1',
    status: 'succeeded',
  };
}

describe('a webhook after a secret was rolled', () => {
  let bed: AppBed;
  beforeAll(async () => {
    bed = await AppBed.start();
  });
  afterAll(() => bed.stop());

  it('6: is refused under the old one', async () => {
    const { body } = stripeEvent();
    const headers = (secret: string) => ({ ...JSON_TYPE, 'stripe-signature': signed(body, secret) });
    expect((await post(`${bed.url}/webhooks/stripe`, body, headers(OLD_SECRET))).status).toBe(400);
    expect((await post(`${bed.url}/webhooks/stripe`, body, headers(WEBHOOK_SECRET))).status).toBe(200);
  });

  it('22: for a provider that is not configured, or unknown, is answered 404', async () => {
    const { body } = stripeEvent();
    for (const provider of ['conekta', 'nobody', '__proto__', 'toString', 'stripe%00', 'Stripe']) {
      const answer = await post(`${bed.url}/webhooks/${provider}`, body, {
        ...JSON_TYPE,
        digest: Buffer.from('no signature').toString('base64'),
      });
      expect([provider, answer.status]).toEqual([provider, 404]);
    }
  });

  it('never brings a secret or an error into the log', async () => {
    await post(`${bed.url}/webhooks/stripe`, '{}', {
      ...JSON_TYPE,
      'stripe-signature': `t=1,v1=${'0'.repeat(64)}`,
    });
    expect(bed.logs.all).not.toContain(WEBHOOK_SECRET);
    expect(bed.logs.all).not.toMatch(/"level":50/);
  });
});
