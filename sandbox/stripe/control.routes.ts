import type { FastifyInstance } from 'fastify';
import { anOutcome, booleanIn, listIn, numberIn, optional, stringIn } from '../control.input.js';
import { commonControls, serveControlTable, type ControlTable } from '../control.server.js';
import type { Faults } from '../faults.js';
import { InvalidCardNumber } from './card.numbers.js';
import { aSettlement, legacyIn, linkIn, payloadIn } from './control.input.js';
import { billingPosts, cardPosts } from './billing.control.routes.js';
import type { StripeControls } from './stripe.controls.js';
import { StripeError } from './stripe.errors.js';
import type { StripeSandbox } from './stripe.sandbox.types.js';

export interface ControlParts {
  controls: StripeControls;
  faults: Faults;
  setWebhooks: StripeSandbox['setWebhooks'];
}

/** The sandbox's own API under `/_sandbox`, for tests in other processes: JSON in, JSON out. */
export function serveControls(
  server: FastifyInstance,
  { controls, faults, setWebhooks }: ControlParts,
): void {
  const { posts, gets } = commonControls('stripe', controls, faults);
  const own = moneyControls(controls);
  const webhooks: ControlTable['posts'] = {
    webhooks: (_id, input) => {
      setWebhooks(listIn(input, 'urls'), optional(input, 'secrets', listIn));
      return { ok: true };
    },
  };
  const saved = { ...cardPosts(controls), ...billingPosts(controls) };
  serveControlTable(server, { posts: { ...posts, ...own, ...saved, ...webhooks }, gets }, refusalOf);
}

function moneyControls(controls: StripeControls): ControlTable['posts'] {
  return {
    'sessions/legacy': (_id, input) => controls.legacySession(legacyIn(input)),
    'sessions/link': (_id, input) => controls.openLink(linkIn(input)),
    'sessions/:id/redeem': (id) => controls.redeemFully(id),
    envelope: (_id, input) => {
      const account = optional(input, 'account', stringIn);
      const context = optional(input, 'context', stringIn);
      controls.setEnvelope({ ...(account && { account }), ...(context && { context }) });
      return { ok: true };
    },
    payload: (_id, input) => {
      controls.setPayload(payloadIn(input));
      return { ok: true };
    },
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
    'charges/:id/dispute': (id, input) =>
      controls.openDispute(id, {
        reason: optional(input, 'reason', stringIn),
        inquiry: optional(input, 'inquiry', booleanIn),
      }),
    'disputes/:id/escalate': (id) => controls.escalateInquiry(id),
    'refunds/:id/settle': (id, input) => controls.settleRefund(id, aSettlement(input)),
    'disputes/:id/close': (id, input) => controls.closeDispute(id, anOutcome(input)),
    'customers/:id': (id, input) =>
      controls.updateCustomer(id, {
        ...(input['email'] !== undefined && { email: stringIn(input, 'email') }),
        ...(input['name'] !== undefined && { name: stringIn(input, 'name') }),
      }),
  };
}

function refusalOf(cause: unknown): { status: number; body: object } | undefined {
  if (cause instanceof StripeError) return { status: cause.status, body: cause.body() };
  if (cause instanceof InvalidCardNumber) return { status: 400, body: { error: { message: cause.message } } };
  return undefined;
}
