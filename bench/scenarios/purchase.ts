import { randomUUID } from 'node:crypto';
import { figure, type Scenario } from '../bench.js';
import { signedRequest } from '../events.js';
import { openLines } from '../load.js';
import { settled, type Work, workBetween } from '../measure.js';
import { control, startStandIn } from '../standin.js';
import { sessionRequest } from './sessions.js';

const PURCHASES = 200;
const TYPES = ['checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded'];

interface SandboxEvent {
  readonly type: string;
}

/** What a purchase costs the database: its session, and then its three events, all of them posted at once. */
export const purchase: Scenario = {
  name: 'purchase',
  what: `${PURCHASES} purchases at the stand-in, each with its session and three events: ${TYPES.join(', ')}`,
  async run({ stage, contenders, pace }) {
    const count = Math.round(PURCHASES * pace);
    const standIn = await startStandIn(stage);
    const running = await contenders.start('ours', { env: standIn.env });
    const lines = await openLines(running.urls);
    try {
      const orders = Array.from({ length: count }, () => randomUUID());
      const begin = await running.work();
      await inTurn(lines, orders, async (line, orderId) => {
        const { status, body } = await line.send(sessionRequest(orderId));
        if (status !== 201) throw new Error(`create-session answered ${status}: ${body}`);
      });
      const opened = await running.work();
      const { sessions } = await control<{ sessions: { id: string }[] }>(standIn.stripeUrl, 'state');
      for (const { id } of sessions) await control(standIn.stripeUrl, `sessions/${id}/pay`, {});
      const { data } = await control<{ data: SandboxEvent[] }>(standIn.stripeUrl, 'events');
      const events = data.filter(({ type }) => TYPES.includes(type));
      if (events.length !== 3 * count) throw new Error(`${events.length} events of ${count} purchases`);
      const heard = Promise.all(orders.map(async (orderId) => running.consumer?.hears(orderId)));
      const paid = await running.work();
      await inTurn(lines, events, async (line, event) => {
        const { status } = await line.send(signedRequest(JSON.stringify(event)));
        if (status !== 200) throw new Error(`an event was answered ${status}`);
      });
      await heard;
      await settled(running.database);
      const after = await running.work();
      const [session, told] = [workBetween(begin, opened, count), workBetween(paid, after, count)];
      const both = (name: keyof Work): number => session[name] + told[name];
      return {
        figures: [
          figure('its session, statements', '', session.statements),
          figure('its session, commits', '', session.commits),
          figure('its three events, statements', '', told.statements),
          figure('its three events, commits', '', told.commits),
          figure('statements of the purchase', '', both('statements'), { atMost: 12 }),
          figure('commits of the purchase', '', both('commits'), { atMost: 3 }),
          figure('WAL of the purchase', 'B', both('walBytes')),
        ],
      };
    } finally {
      lines.forEach((line) => line.close());
      await running.stop();
      await standIn.program.kill();
    }
  },
};

/** Each line takes the next one when it is free. */
async function inTurn<Line, One>(
  lines: readonly Line[],
  all: readonly One[],
  step: (line: Line, one: One) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    lines.map(async (line) => {
      for (let one = all[next++]; one !== undefined; one = all[next++]) await step(line, one);
    }),
  );
}
