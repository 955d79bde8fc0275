import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Faults } from '../faults.js';
import { jsonObject } from '../request.body.js';
import {
  anOutcome,
  aSettlement,
  BadControl,
  booleanIn,
  deliveryIn,
  faultsIn,
  legacyIn,
  listIn,
  numberIn,
  optional,
  stringIn,
} from './control.input.js';
import { InvalidCardNumber } from './card.numbers.js';
import type { StripeControls } from './stripe.controls.js';
import { StripeError } from './stripe.errors.js';
import type { StripeSandbox } from './stripe.sandbox.types.js';

export interface ControlParts {
  controls: StripeControls;
  faults: Faults;
  setWebhooks: StripeSandbox['setWebhooks'];
}

type Input = Record<string, unknown>;
type Control = (id: string, input: Input) => unknown;

/** The sandbox's own API under `/_sandbox`, for tests in other processes: JSON in, JSON out. */
export function serveControls(
  server: FastifyInstance,
  { controls, faults, setWebhooks }: ControlParts,
): void {
  const posts: Record<string, Control> = {
    'sessions/legacy': (_id, input) => controls.legacySession(legacyIn(input)),
    'sessions/:id/pay': (id, input) =>
      controls.payWithCard(id, {
        number: optional(input, 'number', stringIn),
        installments: optional(input, 'installments', numberIn),
      }),
    'sessions/:id/challenge': (id, input) => controls.answerChallenge(id, booleanIn(input, 'approve')),
    'sessions/:id/voucher': (id) => controls.issueVoucher(id),
    'sessions/:id/voucher/pay': (id) => controls.payVoucher(id),
    'sessions/:id/transfer': (id) => controls.startTransfer(id),
    'sessions/:id/transfer/receive': (id, input) =>
      controls.receiveTransfer(id, optional(input, 'amount', numberIn)),
    'sessions/:id/debit': (id) => controls.startDebit(id),
    'sessions/:id/debit/settle': (id, input) => controls.settleDebit(id, booleanIn(input, 'pays')),
    'sessions/:id/expire': (id) => controls.expire(id),
    'payment_intents/:id/capture': (id, input) => controls.capture(id, optional(input, 'amount', numberIn)),
    'charges/:id/refund': (id, input) => controls.refund(id, optional(input, 'amount', numberIn)),
    'charges/:id/dispute': (id, input) => controls.openDispute(id, optional(input, 'reason', stringIn)),
    'refunds/:id/settle': (id, input) => controls.settleRefund(id, aSettlement(input)),
    'disputes/:id/close': (id, input) => controls.closeDispute(id, anOutcome(input)),
    'customers/:id': (id, input) =>
      controls.updateCustomer(id, {
        ...(input['email'] !== undefined && { email: stringIn(input, 'email') }),
        ...(input['name'] !== undefined && { name: stringIn(input, 'name') }),
      }),
    'events/:id/resend': (id) => {
      controls.delivery.resend(id);
      return { resent: id };
    },
    clock: async (_id, input) => {
      await controls.advance(numberIn(input, 'advanceSeconds'));
      return { now: controls.state().now };
    },
    delivery: (_id, input) => {
      controls.delivery.set(deliveryIn(input));
      return controls.delivery.switches;
    },
    'delivery/settled': async () => {
      await controls.delivery.settled();
      return { settled: true };
    },
    webhooks: (_id, input) => {
      setWebhooks(listIn(input, 'urls'), optional(input, 'secrets', listIn));
      return { ok: true };
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
  };
  const gets: Record<string, () => unknown> = {
    health: () => ({ ok: true, provider: 'stripe' }),
    events: () => ({ data: controls.events }),
    deliveries: () => ({ data: controls.delivery.log }),
    delivery: () => controls.delivery.switches,
    faults: () => ({ armed: faults.list(), fired: faults.fired(), hanging: faults.hanging }),
    state: () => controls.state(),
  };
  for (const [path, control] of Object.entries(posts)) {
    server.post<{ Params: { id?: string } }>(`/_sandbox/${path}`, (request, reply) =>
      answer(reply, () => control(request.params.id ?? '', readInput(request))),
    );
  }
  for (const [path, read] of Object.entries(gets)) {
    server.get(`/_sandbox/${path}`, (_request, reply) => answer(reply, read));
  }
}

function readInput(request: FastifyRequest): Input {
  return jsonObject(request.body);
}

async function answer(reply: FastifyReply, act: () => unknown): Promise<FastifyReply> {
  try {
    const body: unknown = await act();
    return reply.type('application/json').send(JSON.stringify(body));
  } catch (cause) {
    if (cause instanceof StripeError) return reply.code(cause.status).send(cause.body());
    const bad =
      cause instanceof BadControl || cause instanceof SyntaxError || cause instanceof InvalidCardNumber;
    if (bad) return reply.code(400).send({ error: { message: cause.message } });
    throw cause;
  }
}
