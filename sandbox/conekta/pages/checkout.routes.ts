import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Html } from '../../page.html.js';
import type { CardOutcome, CheckoutActs, CheckoutView, VoucherView } from '../checkout.acts.js';
import { ConektaError } from '../conekta.errors.js';
import { cardEntry, field, typedCard, wrongFields } from './card.entry.js';
import { challengePage, checkoutPage, firstAttempt } from './checkout.page.js';
import { declined, failed, issued, paidByCard } from './frame.message.js';
import type { Attempt } from './method.choices.js';
import { closedPage, lostPage, paidPage, successAddress, wrongKeyPage } from './notice.page.js';
import { sendPayment } from './payment.layout.js';
import { type Setting, stepPath } from './setting.js';
import { voucherPage } from './voucher.page.js';

export interface Place {
  acts: CheckoutActs;
  /** The checkout's id follows it in the path. */
  prefix: string;
  settingOf: (path: string, request: FastifyRequest) => Setting;
  /** False for a request that comes with another shop's key. */
  admits: (request: FastifyRequest) => boolean;
  baseUrl: () => string;
}

interface Visit {
  acts: CheckoutActs;
  view: CheckoutView;
  setting: Setting;
  body: unknown;
  send: (page: Html, status?: number) => FastifyReply;
  go: (address: string) => FastifyReply;
}

type Act = (visit: Visit) => FastifyReply;
type Addressed = FastifyRequest<{ Params: { id: string } }>;

/** A checkout's pages at one place: full page or in a frame. */
export function serveCheckout(server: FastifyInstance, place: Place): void {
  const visit = (act: Act) => async (request: Addressed, reply: FastifyReply) =>
    enter(place, act, request, reply);
  server.get(`${place.prefix}/:id`, visit(showCheckout));
  server.post(`${place.prefix}/:id/card`, visit(takeCard));
  server.get(`${place.prefix}/:id/challenge`, visit(askQuestion));
  server.post(`${place.prefix}/:id/challenge`, visit(takeAnswer));
  server.post(
    `${place.prefix}/:id/cash`,
    visit((visit) => giveVoucher(visit, visit.acts.issueCash(visit.view.id))),
  );
  server.post(
    `${place.prefix}/:id/bank_transfer`,
    visit((visit) => giveVoucher(visit, visit.acts.issueTransfer(visit.view.id))),
  );
}

function enter(place: Place, act: Act, request: Addressed, reply: FastifyReply): FastifyReply {
  const { acts, prefix, settingOf, admits, baseUrl } = place;
  const { id } = request.params;
  const setting = settingOf(`${prefix}/${encodeURIComponent(id)}`, request);
  const send = (page: Html, status?: number) => sendPayment(reply, page, baseUrl(), status);
  const go = (address: string) => reply.redirect(address, 303);
  if (!admits(request)) return send(wrongKeyPage(setting), 401);
  const visit = (view: CheckoutView): Visit => ({ acts, view, setting, body: request.body, send, go });
  try {
    return act(visit(acts.view(id)));
  } catch (cause) {
    if (!(cause instanceof ConektaError)) throw cause;
    if (cause.status === 404) return send(lostPage(setting, cause), 404);
    return showRefusal(visit(acts.view(id)), cause);
  }
}

function showCheckout({ setting, view, send }: Visit): FastifyReply {
  if (view.status === 'Paid') return send(paidPage(setting, view));
  if (view.status !== 'Issued') return send(closedPage(setting, view));
  if (view.voucher) return send(voucherPage(setting, view, view.voucher, { kind: 'ready' }));
  return send(checkoutPage(setting, view, firstAttempt(view), { kind: 'ready' }));
}

/** Paid in another tab, expired meanwhile, no such card: the page says what is so now. */
function showRefusal(visit: Visit, error: ConektaError): FastifyReply {
  const { setting, view, send } = visit;
  if (view.status !== 'Issued' || view.voucher) return showCheckout(visit);
  const attempt = attemptOf(visit, error.text(setting.language));
  return send(checkoutPage(setting, view, attempt, failed(error, setting.language)), error.status);
}

function takeCard(visit: Visit): FastifyReply {
  const { acts, setting, view, body, send } = visit;
  const typed = typedCard(body);
  const wrong = wrongFields(typed, new Date());
  if (wrong.length > 0) return send(checkoutPage(setting, view, { typed, wrong, problem: null }), 422);
  const entry = cardEntry(typed, view.installments);
  return showOutcome(visit, acts.payByCard(view.id, entry, setting.language));
}

function askQuestion(visit: Visit): FastifyReply {
  if (visit.view.status !== 'Issued') return showCheckout(visit);
  return visit.send(challengePage(visit.setting, visit.view));
}

function takeAnswer(visit: Visit): FastifyReply {
  const { acts, setting, view, body } = visit;
  const isApproved = field(body, 'answer') === 'approve';
  return showOutcome(visit, acts.answerChallenge(view.id, isApproved, setting.language));
}

function showOutcome(visit: Visit, outcome: CardOutcome): FastifyReply {
  const { acts, setting, view, send, go } = visit;
  if (outcome.kind === 'challenge') return go(stepPath(setting, 'challenge'));
  if (outcome.kind === 'paid') {
    if (setting.frame) return send(paidPage(setting, view, paidByCard(view, outcome.chargeId)));
    return go(successAddress(view, 'paid') ?? setting.path);
  }
  const { code, message } = outcome;
  const after = acts.view(view.id);
  // The checkout has a limit of attempts, and this was the last.
  if (after.status !== 'Issued') return showCheckout({ ...visit, view: after });
  const attempt = attemptOf(visit, message);
  return send(checkoutPage(setting, view, attempt, declined(code, message, setting.language)), 402);
}

/** The form as it was typed, to be corrected; after the bank's question there was none. */
function attemptOf({ view, body }: Visit, problem: string): Attempt {
  const typed = typedCard(body);
  return typed.number === '' ? { ...firstAttempt(view), problem } : { typed, wrong: [], problem };
}

function giveVoucher({ setting, view, send, go }: Visit, voucher: VoucherView): FastifyReply {
  if (setting.frame) return send(voucherPage(setting, view, voucher, issued(view, voucher)));
  return go(setting.path);
}
