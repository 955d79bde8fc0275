import { randomUUID } from 'node:crypto';
import { migrate } from '../src/database/migrate.js';
import { Database } from '../src/database/database.js';
import { Metrics } from '../src/ops/metrics.js';
import { type Arrival, InboxStore } from '../src/webhooks/inbox.store.js';
import { InboxWriter } from '../src/webhooks/inbox.writer.js';
import { compare, report } from './compare.js';

const EVENTS = 3_000;
const SENDERS = 64;
const PAIRS = 5;

/** What waiting together for one commit gains over a commit for each event, at the same number of senders. */
export async function inboxBench(databaseUrl: string): Promise<void> {
  const database = Database.open({ url: databaseUrl, onError: () => undefined });
  await migrate(database);
  const store = new InboxStore();
  const writer = new InboxWriter(database, store, new Metrics());
  const names: [string, string] = ['group commit', 'one commit an event'];
  const result = await compare(
    { name: names[0], run: () => perSecond((arrival) => writer.add(arrival)) },
    { name: names[1], run: () => perSecond((arrival) => store.insertAll(database, [arrival])) },
    PAIRS,
  );
  report(`Inbox, ${SENDERS} senders, Postgres with fsync`, 'events/s', names, result);
  await database.close();
}

async function perSecond(add: (arrival: Arrival) => Promise<unknown>): Promise<number> {
  const arrivals = Array.from({ length: EVENTS }, arrival);
  const started = performance.now();
  const senders = Array.from({ length: SENDERS }, async () => {
    for (let next = arrivals.pop(); next !== undefined; next = arrivals.pop()) await add(next);
  });
  await Promise.all(senders);
  return EVENTS / ((performance.now() - started) / 1_000);
}

function arrival(): Arrival {
  const body = Buffer.from(JSON.stringify({ id: randomUUID(), filler: 'x'.repeat(3_000) }));
  return {
    provider: 'bench',
    eventId: `evt_${randomUUID()}`,
    type: 'charge.succeeded',
    livemode: false,
    namedAccount: null,
    body,
    bodyHash: randomUUID(),
    headers: { 'content-type': 'application/json' },
    // Nobody works these off, so that only the writing is measured.
    state: 'quarantined',
  };
}
