import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from '../../page.layout.js';
import { cardByNumber, InvalidCardNumber } from '../card.numbers.js';
import { answerForSession, payByCard } from '../moves/card.payment.js';
import { startDebit } from '../moves/debit.payment.js';
import { playDue } from '../moves/billing.due.js';
import { authenticateIntent } from '../moves/intent.direct.js';
import { attemptInvoice } from '../moves/invoice.payment.js';
import { keepCard } from '../moves/method.moves.js';
import { recoverSession } from '../moves/session.ends.js';
import { receiveTransfer, startTransfer } from '../moves/transfer.payment.js';
import { issueVoucher, payVoucher } from '../moves/voucher.payment.js';
import { StripeError } from '../stripe.errors.js';
import type { Intent, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { challengePage, checkoutPage } from './checkout.page.js';
import { field, typedAmount } from './page.forms.js';
import { closedPage, invoicePage, lostPage, receiptPage } from './receipt.page.js';
import { addressAfter, sendSessionPage } from './session.page.js';
import { answerSetupQuestion, savesCard, showSetup, takeSetupCard } from './setup.routes.js';
import { transferPage, voucherPage } from './voucher.page.js';

type Visit = FastifyRequest<{ Params: { id: string } }>;
type Act = (record: SessionRecord, request: Visit, reply: FastifyReply) => FastifyReply;

/** The pages that the customer sees: checkout, voucher, transfer, the bank's question, receipt. */
export function servePages(server: FastifyInstance, world: StripeWorld): void {
  const visit = (act: Act) => async (request: Visit, reply: FastifyReply) => {
    playDue(world);
    const record = world.sessions.get(request.params.id);
    if (!record) return sendPage(reply, lostPage(), 404);
    try {
      return act(record, request, reply);
    } catch (cause) {
      // Paid in another tab, expired meanwhile: the page of the session says what is so now.
      if (cause instanceof StripeError) return reply.redirect(`/c/pay/${record.session.id}`, 303);
      throw cause;
    }
  };
  const go = (reply: FastifyReply, to: string) => reply.redirect(to, 303);
  const leave = (record: SessionRecord, reply: FastifyReply) => go(reply, addressAfter(record));
  const intentOf = ({ session }: SessionRecord): Intent => world.intent(session.payment_intent ?? '').intent;

  server.get(
    '/c/pay/:id',
    visit((record, request, reply) =>
      savesCard(record) ? showSetup(world, record, request, reply) : showSession(world, record, reply),
    ),
  );
  server.post(
    '/c/pay/:id/save',
    visit((record, request, reply) => takeSetupCard(world, record, request, reply)),
  );
  server.post(
    '/c/pay/:id/save/challenge',
    visit((record, request, reply) => answerSetupQuestion(world, record, request, reply)),
  );
  server.post(
    '/c/pay/:id/card',
    visit((record, request, reply) => takeCard(world, record, request, reply)),
  );
  server.post(
    '/c/pay/:id/oxxo',
    visit((record, { body }, reply) => {
      issueVoucher(world, record, { email: field(body, 'email'), name: field(body, 'name') });
      return go(reply, `/vouchers/${record.session.id}`);
    }),
  );
  server.post(
    '/c/pay/:id/customer_balance',
    visit((record, { body }, reply) => {
      startTransfer(world, record, { email: field(body, 'email'), name: field(body, 'name') });
      return go(reply, `/transfers/${record.session.id}`);
    }),
  );
  server.post(
    '/c/pay/:id/us_bank_account',
    visit((record, _request, reply) => {
      startDebit(world, record);
      return leave(record, reply);
    }),
  );
  server.post(
    '/c/pay/:id/challenge',
    visit((record, { body }, reply) => {
      const outcome = answerForSession(world, record, field(body, 'answer') === 'approve');
      if (outcome === 'paid') return leave(record, reply);
      const problem = intentOf(record).last_payment_error?.message ?? 'The payment was refused.';
      return sendSessionPage(reply, record, checkoutPage(record, problem, {}), 402);
    }),
  );
  server.get(
    '/vouchers/:id',
    visit((record, _request, reply) => sendSessionPage(reply, record, voucherPage(record, intentOf(record)))),
  );
  server.post(
    '/vouchers/:id/pay',
    visit((record, _request, reply) => {
      payVoucher(world, record);
      return go(reply, `/vouchers/${record.session.id}`);
    }),
  );
  server.get(
    '/transfers/:id',
    visit((record, _request, reply) =>
      sendSessionPage(reply, record, transferPage(record, intentOf(record))),
    ),
  );
  server.post(
    '/transfers/:id/receive',
    visit((record, { body }, reply) => {
      const amount = typedAmount(field(body, 'amount'), record.session.currency ?? 'mxn');
      if (amount !== undefined) receiveTransfer(world, record, amount);
      return go(reply, `/transfers/${record.session.id}`);
    }),
  );
  server.get(
    '/c/recover/:id',
    visit((record, _request, reply) => go(reply, `/c/pay/${recoverSession(world, record).id}`)),
  );
  server.get('/i/:id', async (request: Visit, reply) => {
    playDue(world);
    return showInvoice(world, request.params.id, reply);
  });
  server.post('/i/:id', async (request: Visit, reply) => {
    playDue(world);
    return payInvoicePage(world, request, reply);
  });
  server.get<{ Params: { id: string } }>('/receipts/:id', async (request, reply) => {
    const charge = world.charges.get(request.params.id);
    return charge ? sendPage(reply, receiptPage(charge)) : sendPage(reply, lostPage(), 404);
  });
}

function showInvoice(world: StripeWorld, id: string, reply: FastifyReply, problem?: string): FastifyReply {
  const record = world.billing.invoices.get(id);
  if (!record || record.invoice.hosted_invoice_url === null) return sendPage(reply, lostPage(), 404);
  const { status } = world.intents.get(record.payment?.payment.payment_intent ?? '')?.intent ?? {};
  const content = invoicePage(record.invoice, status === 'requires_action', problem);
  return sendPage(reply, content, problem === undefined ? 200 : 402);
}

/** By a card that is typed in, or by the answer to the bank's question. */
function payInvoicePage(
  world: StripeWorld,
  { params: { id }, body }: Visit,
  reply: FastifyReply,
): FastifyReply {
  const record = world.billing.invoices.get(id);
  if (record?.invoice.status !== 'open') return showInvoice(world, id, reply);
  const answer = field(body, 'answer');
  try {
    if (answer !== undefined) {
      const intent = world.intent(record.payment?.payment.payment_intent ?? '');
      authenticateIntent(world, intent, answer === 'approve');
    } else {
      const method = keepCard(world, cardByNumber(field(body, 'number') ?? ''));
      const outcome = attemptInvoice(world, record, { isScheduled: false, offSession: false, method });
      if (outcome === 'declined') return showInvoice(world, id, reply, 'The card was declined.');
    }
    return reply.redirect(`/i/${id}`, 303);
  } catch (cause) {
    if (!(cause instanceof InvalidCardNumber || cause instanceof StripeError)) throw cause;
    return showInvoice(world, id, reply, cause.message);
  }
}

function showSession(world: StripeWorld, record: SessionRecord, reply: FastifyReply): FastifyReply {
  const { session } = record;
  const action = session.payment_intent ? world.intent(session.payment_intent).intent.next_action : null;
  if (action?.oxxo_display_details) return reply.redirect(`/vouchers/${session.id}`, 303);
  if (action?.display_bank_transfer_instructions) return reply.redirect(`/transfers/${session.id}`, 303);
  if (session.status !== 'open') return sendSessionPage(reply, record, closedPage(record));
  if (action?.type === 'use_stripe_sdk') return sendSessionPage(reply, record, challengePage(record));
  return sendSessionPage(reply, record, checkoutPage(record, null, {}));
}

function takeCard(
  world: StripeWorld,
  record: SessionRecord,
  { body }: Visit,
  reply: FastifyReply,
): FastifyReply {
  const typed = { number: field(body, 'number'), email: field(body, 'email'), name: field(body, 'name') };
  const months = Number(field(body, 'installments') ?? 0);
  const installments = record.installments && months > 1 ? months : undefined;
  try {
    const card = cardByNumber(typed.number ?? '');
    const outcome = payByCard(world, record, { card, ...typed, installments });
    if (outcome === 'asked') return reply.redirect(`/c/pay/${record.session.id}`, 303);
    if (outcome === 'paid') {
      return reply.redirect(addressAfter(record), 303);
    }
    const problem = `${card.failure?.message} Try another card.`;
    return sendSessionPage(reply, record, checkoutPage(record, problem, typed), 402);
  } catch (cause) {
    if (!(cause instanceof InvalidCardNumber)) throw cause;
    return sendSessionPage(reply, record, checkoutPage(record, cause.message, typed), 400);
  }
}
