import { figure, type Scenario } from '../bench.js';
import { chargeBody, EventSupply, orderIdOf, signedRequest } from '../events.js';
import type { Running } from '../contenders.js';
import { closedLoop, type HttpLine, openLines } from '../load.js';
import { settled, workBetween } from '../measure.js';

const EVENTS = 100_000;
/** Of another kind, for the inbox alone. */
const ALIEN = 5_000;
/** What is not worked off by then is told as a rate. */
const PATIENCE_S = 300;
/** The inbox, whatever tables it has: heaps with what is stored beside them, without indexes. */
const HEAP = `
  select coalesce(sum(pg_table_size(oid)), 0)::bigint as bytes from pg_class
   where relname like 'webhook\\_%' and relkind = 'r' and relname not in ('webhook_keys', 'webhook_endpoints')`;

export const backlog: Scenario = {
  name: 'backlog',
  what: `${EVENTS.toLocaleString('en')} adopted charges taken in while nothing can be worked off, then worked off by one process`,
  async run(bench) {
    const total = Math.round(EVENTS * bench.pace ** 3);
    const running = await bench.contenders.start('ours');
    const lines = await openLines(running.urls);
    const supply = new EventSupply();
    const outage = await running.database.connect();
    let bodies = 0;
    let posted = 0;
    try {
      const alone = await inboxAlone(running, lines, Math.round(ALIEN * bench.pace));
      await outage.query('begin');
      await outage.query('lock table payments in access exclusive mode');
      const before = await running.work();
      const began = performance.now();
      while (posted < total)
        await closedLoop(lines, 1, async (line) => {
          if (posted >= total) return new Promise((resolve) => setTimeout(resolve, 100));
          posted += 1;
          const { request } = supply.next();
          bodies += request.length - (request.indexOf('\r\n\r\n') + 4);
          const { status } = await line.send(request);
          if (status !== 200) throw new Error(`a webhook was answered ${status}`);
        });
      const intake = posted / ((performance.now() - began) / 1000);
      const { walBytes } = workBetween(before, await running.work(), posted);
      await outage.query('rollback');
      const from = performance.now();
      const patience = PATIENCE_S * 1000 * bench.pace;
      let heard = 0;
      while (heard < posted && performance.now() - from < patience) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        heard = running.consumer?.heard ?? 0;
      }
      const drained = heard / ((performance.now() - from) / 1000);
      const { rows } = await running.database.query<{ bytes: string }>(HEAP);
      return {
        figures: [
          figure('events', '', posted),
          figure('taken in meanwhile', '/s', intake),
          figure('WAL of taking one in', 'B', walBytes),
          figure('WAL of the inbox alone, an event taken in, claimed and ended', 'B', alone, {
            atMost: 2_800,
          }),
          figure('worked off', '/s', drained),
          figure('worked off within the time given', '%', (100 * heard) / posted),
          figure("the inbox's heap / its bodies, afterwards", '×', Number(rows[0]?.bytes) / bodies, {
            atMost: 1.3,
          }),
        ],
        note:
          'The outage is a lock on the table payments, held by somebody else: events are taken in and claimed, and none gets ' +
          `through. It ends with the lock; ${PATIENCE_S * bench.pace} s were given.`,
      };
    } finally {
      outage.release();
      lines.forEach((line) => line.close());
      await running.stop();
    }
  },
};

/** WAL bytes of an event of 1.5 kB that concerns no payment, from its arrival to its end. */
async function inboxAlone(running: Running, lines: readonly HttpLine[], count: number): Promise<number> {
  const supply = new EventSupply((name) => ({
    request: signedRequest(chargeBody(name).replace('"charge.succeeded"', '"payout.paid"')),
    orderId: orderIdOf(name),
  })).prepare(count);
  let posted = 0;
  const before = await running.work();
  await Promise.all(
    lines.map(async (line) => {
      while (posted < count) {
        posted += 1;
        const { status } = await line.send(supply.next().request);
        if (status !== 200) throw new Error(`a webhook was answered ${status}`);
      }
    }),
  );
  await settled(running.database);
  return workBetween(before, await running.work(), count).walBytes;
}
