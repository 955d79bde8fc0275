import type { FastifyInstance, FastifyReply } from 'fastify';
import type { DeliveryRecord } from './delivery.log.js';
import type { DeliverySwitches } from './delivery.switches.js';
import { BadControl, deliveryIn, faultsIn, numberIn, type Input } from './control.input.js';
import type { Faults } from './faults.js';
import { jsonObject } from './request.body.js';

export type Control = (id: string, input: Input) => unknown;

/** Controls by their path below `/_sandbox/`. */
export interface ControlTable {
  posts: Record<string, Control>;
  gets: Record<string, () => unknown>;
}

/** What a refused control answers, or undefined for a fault of the sandbox itself. */
export type RefusalOf = (cause: unknown) => { status: number; body: object } | undefined;

/** What every stand-in provider has. */
interface Controllable {
  readonly delivery: {
    readonly switches: Readonly<DeliverySwitches>;
    set(changes: Partial<DeliverySwitches>): void;
    settled(): Promise<void>;
    readonly log: readonly DeliveryRecord[];
    resend(eventId: string): void;
  };
  readonly events: readonly object[];
  advance(seconds: number): Promise<void>;
  state(): { now: number };
}

/** Clock, deliveries, events and faults, alike at every provider. */
export function commonControls(provider: string, controls: Controllable, faults: Faults): ControlTable {
  const { delivery } = controls;
  return {
    posts: {
      'events/:id/resend': (id) => {
        delivery.resend(id);
        return { resent: id };
      },
      clock: async (_id, input) => {
        await controls.advance(numberIn(input, 'advanceSeconds'));
        return { now: controls.state().now };
      },
      delivery: (_id, input) => {
        delivery.set(deliveryIn(input));
        return delivery.switches;
      },
      'delivery/settled': async () => {
        await delivery.settled();
        return { settled: true };
      },
      faults: (_id, input) => {
        for (const rule of faultsIn(input)) faults.add(rule);
        return { armed: faults.list() };
      },
      'faults/clear': () => {
        faults.clear();
        return { armed: [] };
      },
      'faults/release': () => {
        const released = faults.hanging;
        faults.release();
        return { released };
      },
    },
    gets: {
      health: () => ({ ok: true, provider }),
      events: () => ({ data: controls.events }),
      deliveries: () => ({ data: delivery.log }),
      delivery: () => delivery.switches,
      faults: () => ({ armed: faults.list(), fired: faults.fired(), hanging: faults.hanging }),
      state: () => controls.state(),
    },
  };
}

/** The sandbox's own API under `/_sandbox`, for tests in other processes: JSON in, JSON out. */
export function serveControlTable(server: FastifyInstance, table: ControlTable, refusalOf: RefusalOf): void {
  for (const [path, control] of Object.entries(table.posts)) {
    server.post<{ Params: { id?: string } }>(`/_sandbox/${path}`, (request, reply) =>
      answer(reply, refusalOf, () => control(request.params.id ?? '', jsonObject(request.body))),
    );
  }
  for (const [path, read] of Object.entries(table.gets)) {
    server.get(`/_sandbox/${path}`, (_request, reply) => answer(reply, refusalOf, read));
  }
}

async function answer(reply: FastifyReply, refusalOf: RefusalOf, act: () => unknown): Promise<FastifyReply> {
  try {
    const body: unknown = await act();
    return reply.type('application/json').send(JSON.stringify(body));
  } catch (cause) {
    const refusal = refusalOf(cause);
    if (refusal) return reply.code(refusal.status).send(refusal.body);
    if (cause instanceof BadControl || cause instanceof SyntaxError) {
      return reply.code(400).send({ error: { message: cause.message } });
    }
    throw cause;
  }
}
