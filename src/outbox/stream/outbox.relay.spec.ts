import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DiscardPolicy, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { sql } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { event, natsSettings, OutboxBed } from '../../../test/support/outbox/outbox.bed.js';
import { until } from '../../../test/support/outbox/until.js';
import { maxPayloadNow } from '../../nats/nats.connection.js';
import { type NatsServer, startNatsServer } from '../../../sandbox/servers/nats.server.js';
import { outbox } from '../outbox.tables.js';

describe('the outbox relay', () => {
  let server: NatsServer;
  let fresh: MigratedDatabase;
  const beds: OutboxBed[] = [];

  beforeEach(async () => {
    [server, fresh] = await Promise.all([
      startNatsServer({ config: 'max_payload: 4096' }),
      migratedDatabase(),
    ]);
  });

  afterEach(async () => {
    server.resume();
    await Promise.all(beds.splice(0).map((bed) => bed.stop()));
    await Promise.all([server.stop(), fresh.drop()]);
  });

  function start(): OutboxBed {
    const bed = new OutboxBed(server.url, fresh.database).start();
    beds.push(bed);
    return bed;
  }

  async function ready(bed: OutboxBed): Promise<void> {
    await until(() => bed.publisher.status().ready);
  }

  it('publishes with the message id and the headers, and marks only then', async () => {
    const bed = start();
    const message = event('a', { amount: 1999n });
    await bed.append(message);
    bed.relay.wake();
    const row = await until(async () => published(await bed.row(message.id)));
    const [stored] = await storedIn(server);
    expect(stored).toMatchObject({
      subject: 'payments.events.payment.succeeded',
      seq: Number(row.streamSeq),
    });
    expect(JSON.parse(stored?.body ?? '')).toEqual({
      pattern: 'payments.events.payment.succeeded',
      data: { amount: 1999 },
    });
    expect(stored?.headers).toEqual(message.headers);
  });

  it('T24m publishes what waited with an unusable receipt with a page of ours, and nothing else changed', async () => {
    const bed = start();
    const metadata = { receiptUrl: 'javascript:alert(1)' };
    const [unsound, sound] = ['https://localhost/r', 'https://pay.stripe.com/receipts/1'].map((receiptUrl) =>
      event('p1', { amount: 1999n, receiptUrl, metadata }),
    );
    // As a version appended them that did not look at receipts.
    await fresh.database.db.insert(outbox).values([unsound, sound].flatMap((message) => message ?? []));
    bed.relay.wake();
    const stored = await until(async () => {
      const all = await storedIn(server);
      return all.length === 2 && all;
    });
    expect(stored.map(({ body }) => JSON.parse(body).data)).toEqual([
      { amount: 1999, receiptUrl: 'https://pay.example/payments/p1/receipt', metadata },
      { amount: 1999, receiptUrl: 'https://pay.stripe.com/receipts/1', metadata },
    ]);
    expect(stored[1]?.body).toBe(sound?.body);
  });

  it.each(['is told to read its configuration again', 'is started again'])(
    'T25a publishes again what was too large, once the broker takes more and %s',
    async (how) => {
      // Included from beside the server's own folder: its file is written once.
      const limits = `nats-limits-${randomUUID()}.conf`;
      const file = join(tmpdir(), limits);
      await writeFile(file, 'max_payload: 2048\n');
      // What stands only on the command line would be gone when the server reads its configuration again.
      const storeDir = join(tmpdir(), `nats-store-${randomUUID()}`);
      const config = `server_name: payments-limits\njetstream { store_dir: "${storeDir}" }\ninclude "../${limits}"`;
      const other = await startNatsServer({ name: 'payments-limits', jetstream: false, config });
      const bed = new OutboxBed(other.url, fresh.database).start();
      beds.push(bed);
      await ready(bed);
      const [large, small] = [event('a', { note: 'x'.repeat(3_000) }), event('b')];
      await bed.append(large, small);
      bed.relay.wake();
      await until(
        async () => (await bed.row(large.id)).state === 'dead' && published(await bed.row(small.id)),
      );

      await writeFile(file, 'max_payload: 1048576\n');
      if (how === 'is started again') await other.restart();
      else process.kill(other.pid, 'SIGHUP');
      await until(async () => (await maxPayloadNow(natsSettings(other.url))) === 1_048_576);
      expect(await bed.store.republish({ ids: [large.id] })).toBe(1);
      bed.relay.wake();
      await until(async () => published(await bed.row(large.id)));
      expect((await storedIn(other)).map(({ seq }) => seq)).toEqual([1, 2]);
      await bed.stop();
      beds.splice(beds.indexOf(bed), 1);
      await other.stop();
      await Promise.all([rm(file), rm(storeDir, { recursive: true, force: true })]);
    },
  );

  it('keeps the order of each key over batches that are under way at once, and publishes each message once', async () => {
    const bed = start();
    await ready(bed);
    const messages = Array.from({ length: 900 }, (_, index) => event(`key-${index % 450}`, { index }));
    await bed.append(...messages);
    bed.relay.wake();
    await until(async () => (await bed.rows()).every(published));
    const stored = (await storedIn(server)).map(({ body }) => Number(JSON.parse(body).data.index));
    expect([...stored].sort((one, other) => one - other)).toEqual(messages.map((_, index) => index));
    const position = new Map(stored.map((index, at) => [index, at]));
    const swapped = messages.filter(
      (_, index) => Number(position.get(index)) > Number(position.get(index + 450)),
    );
    expect(swapped).toEqual([]);
  });

  it('asks a stream that takes nothing with one message at a time', async () => {
    const bed = start();
    await ready(bed);
    await withManager(server, (manager) => manager.streams.update('PAYMENTS', { max_msgs: 1 }));
    await bed.append(...Array.from({ length: 30 }, () => event()));
    bed.relay.wake();
    const attempts = async () => (await bed.rows()).reduce((sum, row) => sum + row.attempts, 0);
    // All 30, the 29 that found it full, and then some one by one.
    await until(async () => (await attempts()) >= 62);
    expect(await attempts()).toBeLessThan(70);
    await withManager(server, (manager) => manager.streams.update('PAYMENTS', { max_msgs: -1 }));
    await until(async () => (await bed.rows()).every(published));
  });

  it('is told at once by a broker that lets it publish no events', async () => {
    const config = `authorization { users: [
      { user: payments, password: x, permissions: { publish: { deny: "payments.events.>" } } }
    ] }
    no_auth_user: payments`;
    const strict = await startNatsServer({ config });
    const bed = new OutboxBed(strict.url, fresh.database).start();
    await ready(bed);
    const message = event();
    await bed.append(message);
    bed.relay.wake();
    const row = await until(async () => {
      const found = await bed.row(message.id);
      return found.lastError !== null && found;
    });
    expect(row).toMatchObject({
      state: 'pending',
      lastError: expect.stringMatching(/permissions violation/i),
    });
    await bed.stop();
    await strict.stop();
  });

  it('creates the stream as agreed', async () => {
    await ready(start());
    const config = await withManager(
      server,
      async (manager) => (await manager.streams.info('PAYMENTS')).config,
    );
    expect(config).toMatchObject({
      subjects: ['payments.events.>'],
      storage: 'file',
      retention: 'limits',
      discard: 'new',
      max_age: 30 * 86_400 * 1e9,
      duplicate_window: 120 * 1e9,
    });
  });

  it('delivers each message once after a broker that was away while they were appended', async () => {
    const bed = start();
    const claims = jest.spyOn(bed.store, 'claimBatch');
    await ready(bed);
    // The round that begins with the stream's readiness claims only after another statement.
    await until(() => claims.mock.calls.length > 0);
    await server.kill();
    await until(() => !bed.nats.isConnected());
    // One that began while the broker was there may still be claiming.
    await Promise.all(claims.mock.results.map(({ value }) => value));
    const messages = Array.from({ length: 20 }, () => event());
    await bed.append(...messages);
    expect(await bed.relay.runOnce()).toBe(0);
    expect((await bed.row(messages[0]?.id ?? '')).attempts).toBe(0);
    await server.restart();
    await until(async () => (await bed.rows()).every(published));
    expect((await storedIn(server)).map((stored) => stored.id).sort()).toEqual(idsOf(messages));
  });

  it('tries again under the same id when a frozen broker did not acknowledge', async () => {
    const bed = start();
    await ready(bed);
    server.pause();
    const message = event();
    await bed.append(message);
    bed.relay.wake();
    await until(async () => (await bed.row(message.id)).lastError !== null);
    server.resume();
    const row = await until(async () => published(await bed.row(message.id)));
    expect(row.attempts).toBeGreaterThan(1);
    expect((await storedIn(server)).map((stored) => stored.id)).toEqual([message.id]);
  });

  it('keeps what a full stream does not take, and publishes it when there is room', async () => {
    const bed = start();
    await ready(bed);
    await withManager(server, (manager) => manager.streams.update('PAYMENTS', { max_msgs: 1 }));
    const messages = [event('a'), event('b')];
    await bed.append(...messages);
    bed.relay.wake();
    const waiting = await until(async () => (await bed.rows()).find((row) => row.lastError !== null));
    expect(waiting).toMatchObject({ state: 'pending', lastError: expect.stringMatching(/maximum messages/) });
    await withManager(server, (manager) => manager.streams.update('PAYMENTS', { max_msgs: -1 }));
    await until(async () => (await bed.rows()).every(published));
    expect((await storedIn(server)).map((stored) => stored.id).sort()).toEqual(idsOf(messages));
  });

  it('keeps the order of a key with two relays at work, also when its first message must wait', async () => {
    const messages = Array.from({ length: 60 }, (_, index) => event(`key-${index % 3}`, { index }));
    const [one, other] = [start(), start()];
    await Promise.all([ready(one), ready(other)]);
    const soon = sql`payments_now() + interval '700 milliseconds'`;
    await fresh.database.db
      .insert(outbox)
      .values(messages.map((message, index) => (index < 3 ? { ...message, nextAttemptAt: soon } : message)));
    one.relay.wake();
    other.relay.wake();
    await until(async () => (await one.rows()).every(published));
    const stored = await storedIn(server);
    for (const key of ['key-0', 'key-1', 'key-2']) {
      const expected = messages.filter((message) => message.key === key).map((message) => message.id);
      expect(stored.map(({ id }) => id).filter((id) => expected.includes(id))).toEqual(expected);
    }
  });

  it.each([
    ['larger than the broker takes', { ...event('a'), body: 'x'.repeat(5000) }],
    ['with a subject that is none', { ...event('a'), subject: 'payments.events. oops' }],
    ['with a header that cannot be sent', { ...event('a'), headers: { 'ce-id': 'a\r\nb' } }],
  ])('buries a message %s, and the others proceed', async (_what, poison) => {
    const bed = start();
    const good = event('a');
    await bed.append(poison, good);
    bed.relay.wake();
    await until(async () => published(await bed.row(good.id)));
    expect(await bed.row(poison.id)).toMatchObject({ state: 'dead', attempts: 1 });
  });

  it.each<[string, Partial<StreamConfig>, RegExp]>([
    ['drops old events', { discard: DiscardPolicy.Old }, /discard/],
    ['does not cover the events', { subjects: ['payments.events.payment.*'] }, /cover/],
    ['acknowledges nothing', { no_ack: true }, /no_ack/],
  ])('refuses a stream that %s, until it is mended', async (_what, config, reason) => {
    const agreed = { subjects: ['payments.events.>'], discard: DiscardPolicy.New, no_ack: false };
    await withManager(server, (manager) => manager.streams.add({ name: 'PAYMENTS', ...agreed, ...config }));
    const bed = start();
    await bed.append(event());
    const status = await until(() => {
      const found = bed.publisher.status();
      return found.reason?.includes('refused') && found;
    });
    expect(status).toEqual({ ready: false, reason: expect.stringMatching(reason) });
    expect(await bed.relay.runOnce()).toBe(0);
    await withManager(server, (manager) => manager.streams.update('PAYMENTS', agreed));
    await until(async () => (await bed.rows()).every(published));
  });

  it('does not make a stream anew that vanished while it ran; a restart does, and republish fills it', async () => {
    const bed = start();
    const lost = event();
    await bed.append(lost);
    bed.relay.wake();
    await until(async () => published(await bed.row(lost.id)));
    await withManager(server, (manager) => manager.streams.delete('PAYMENTS'));
    const later = event();
    await bed.append(later);
    bed.relay.wake();
    await until(() => bed.publisher.status().reason?.includes('vanished'));
    expect((await bed.row(later.id)).state).toBe('pending');

    await ready(start());
    expect(await bed.store.republish({ ids: [lost.id] })).toBe(1);
    await until(async () => (await bed.rows()).every(published));
    expect((await storedIn(server)).map((stored) => stored.id).sort()).toEqual(idsOf([lost, later]));
  });
});

function published<Row extends { state: string }>(row: Row): Row | false {
  return row.state === 'published' && row;
}

function idsOf(messages: readonly { id: string }[]): string[] {
  return messages.map((message) => message.id).sort();
}

type Manager = Awaited<ReturnType<typeof jetstreamManager>>;

async function withManager<T>(server: NatsServer, work: (manager: Manager) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: server.url });
  try {
    return await work(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}

/** Everything in the stream, oldest first. */
function storedIn(server: NatsServer) {
  return withManager(server, async (manager) => {
    const { state } = await manager.streams.info('PAYMENTS');
    const stored = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
      const message = await manager.streams.getMessage('PAYMENTS', { seq });
      if (message === null) continue;
      const headers = Object.fromEntries(message.header.keys().map((key) => [key, message.header.get(key)]));
      stored.push({
        id: headers['Nats-Msg-Id'] ?? '',
        seq,
        subject: message.subject,
        body: message.string(),
        headers,
      });
    }
    return stored;
  });
}
