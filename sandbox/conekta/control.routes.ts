import type { FastifyInstance } from 'fastify';
import {
  anOutcome,
  BadControl,
  booleanIn,
  listIn,
  numberIn,
  objectIn,
  optional,
  stringIn,
  type Input,
} from '../control.input.js';
import { commonControls, serveControlTable, type ControlTable } from '../control.server.js';
import type { Faults } from '../faults.js';
import type { ConektaControls } from './conekta.controls.js';
import { ConektaError } from './conekta.errors.js';
import type { ConektaSandbox, OrderAlteration } from './conekta.sandbox.types.js';
import { panelControls } from './panel.routes.js';

export interface ControlParts {
  controls: ConektaControls;
  faults: Faults;
  setWebhooks: ConektaSandbox['setWebhooks'];
}

/** `:id` of an order is the order's or its checkout's. */
export function serveControls(
  server: FastifyInstance,
  { controls, faults, setWebhooks }: ControlParts,
): void {
  const { posts, gets } = commonControls('conekta', controls, faults);
  const own: ControlTable = {
    posts: {
      ...customerControls(controls),
      ...operatorControls(controls),
      ...panelControls(controls.panel),
      webhooks: (_id, input) => {
        setWebhooks(listIn(input, 'urls'));
        return { ok: true };
      },
    },
    gets: { keys: () => ({ data: controls.keys, publicKeyPem: controls.publicKeyPem }) },
  };
  const table = { posts: { ...posts, ...own.posts }, gets: { ...gets, ...own.gets } };
  serveControlTable(server, table, refusalOf);
}

/** What the customer, the shop and the bank do. */
function customerControls(controls: ConektaControls): ControlTable['posts'] {
  return {
    'orders/:id/pay': (id, input) =>
      controls.payWithCard(id, {
        number: optional(input, 'number', stringIn),
        name: optional(input, 'name', stringIn),
        installments: optional(input, 'installments', numberIn),
        language: optional(input, 'language', aLanguage),
      }),
    'orders/:id/challenge': (id, input) => controls.answerChallenge(id, booleanIn(input, 'approve')),
    'orders/:id/cash': (id) => controls.issueCash(id),
    'orders/:id/transfer': (id) => controls.issueTransfer(id),
    'orders/:id/voucher/pay': (id, input) => controls.payVoucher(id, lateness(input)),
    'orders/:id/transfer/receive': (id, input) => controls.receiveTransfer(id, lateness(input)),
    'orders/:id/chargeback': (id, input) => controls.openChargeback(id, optional(input, 'reason', stringIn)),
    'orders/:id/chargeback/update': (id) => controls.updateChargeback(id),
    'orders/:id/chargeback/close': (id, input) => controls.closeChargeback(id, anOutcome(input)),
    'sources/:id/outcome': (id, input) =>
      controls.setCardOutcome(id, input['code'] === null ? null : stringIn(input, 'code')),
    'sources/:id/block': (id) => controls.blockCard(id),
  };
}

/** What somebody at Conekta or in its panel does. */
function operatorControls(controls: ConektaControls): ControlTable['posts'] {
  return {
    'orders/:id/expire': (id) => controls.expire(id),
    'orders/:id/cancel': (id) => controls.cancel(id),
    'orders/:id/capture': (id, input) => controls.capture(id, optional(input, 'amount', numberIn)),
    'orders/:id/hold/refund': (id) => controls.refundHold(id),
    'orders/:id/refund': (id, input) => controls.refund(id, optional(input, 'amount', numberIn)),
    'orders/:id/review': (id) => controls.startFraudReview(id),
    'orders/:id/review/close': (id, input) => controls.closeFraudReview(id, aVerdict(input)),
    'orders/:id/alter': (id, input) => controls.alterOrder(id, alterationIn(input)),
    'customers/:id': (id, input) =>
      controls.updateCustomer(id, {
        email: optional(input, 'email', stringIn),
        name: optional(input, 'name', stringIn),
      }),
    pages: (_id, input) => {
      controls.setPages({
        ...('rows' in input && { rows: numberIn(input, 'rows') }),
        ...('oldestFirst' in input && { oldestFirst: booleanIn(input, 'oldestFirst') }),
      });
      return { ok: true };
    },
    emit: (_id, input) =>
      controls.emit(stringIn(input, 'type'), optional(input, 'object', objectIn), {
        livemode: optional(input, 'livemode', booleanIn),
      }),
    'keys/rotate': (_id, input) => controls.rotateKey({ keepOld: optional(input, 'keepOld', booleanIn) }),
    sign: (_id, input) => ({ digest: controls.sign(stringIn(input, 'body')) }),
  };
}

function lateness(input: Input): { late: boolean } {
  return { late: optional(input, 'late', booleanIn) ?? false };
}

function aLanguage(input: Input, name: string): 'es' | 'en' {
  const language = stringIn(input, name);
  if (language === 'es' || language === 'en') return language;
  throw new BadControl(`${name} must be es or en`);
}

function aVerdict(input: Input): 'paid' | 'fraudulent' {
  const outcome = stringIn(input, 'outcome');
  if (outcome === 'paid' || outcome === 'fraudulent') return outcome;
  throw new BadControl('outcome must be paid or fraudulent');
}

function alterationIn(input: Input): OrderAlteration {
  const metadata = optional(input, 'metadata', objectIn);
  return {
    amount: optional(input, 'amount', numberIn),
    currency: optional(input, 'currency', stringIn),
    livemode: optional(input, 'livemode', booleanIn),
    metadata: metadata && textsIn(metadata),
  };
}

function textsIn(input: Input): Record<string, string> {
  return Object.fromEntries(Object.keys(input).map((name) => [name, stringIn(input, name)]));
}

function refusalOf(cause: unknown): { status: number; body: object } | undefined {
  return cause instanceof ConektaError ? { status: cause.status, body: cause.body('en') } : undefined;
}
