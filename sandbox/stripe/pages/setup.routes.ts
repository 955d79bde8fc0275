import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PageLanguage } from '../../page.layout.js';
import { cardByNumber, InvalidCardNumber } from '../card.numbers.js';
import { answerSetupSession, saveCard, setupOf } from '../moves/setup.session.js';
import type { SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { field } from './page.forms.js';
import { addressAfter, sendSessionPage } from './session.page.js';
import { setupClosed, setupPage, setupQuestion } from './setup.page.js';
import { languageOf, problemOf, setupTexts } from './setup.texts.js';

export function savesCard({ session }: SessionRecord): boolean {
  return session.mode === 'setup';
}

/** Where a setup session stands: its form, the bank's question, or its end. */
export function showSetup(
  world: StripeWorld,
  record: SessionRecord,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const language = languageFor(record, request);
  const isAsked = setupOf(world, record).intent.status === 'requires_action';
  if (record.session.status !== 'open') return sendSessionPage(reply, record, setupClosed(record, language));
  if (isAsked) return sendSessionPage(reply, record, setupQuestion(record, language));
  return sendSessionPage(reply, record, setupPage(record, language, null, {}));
}

export function takeSetupCard(
  world: StripeWorld,
  record: SessionRecord,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { body } = request;
  const language = languageFor(record, request);
  const typed = { number: field(body, 'number'), email: field(body, 'email'), name: field(body, 'name') };
  try {
    const card = cardByNumber(typed.number ?? '');
    const outcome = saveCard(world, record, { card, email: typed.email, name: typed.name });
    if (outcome === 'asked') return reply.redirect(`/c/pay/${record.session.id}`, 303);
    if (outcome === 'saved') return reply.redirect(addressAfter(record), 303);
    return sendRefusal(world, record, language, reply);
  } catch (cause) {
    if (!(cause instanceof InvalidCardNumber)) throw cause;
    const problem = setupTexts(language).problems.number;
    return sendSessionPage(reply, record, setupPage(record, language, problem, typed), 400);
  }
}

export function answerSetupQuestion(
  world: StripeWorld,
  record: SessionRecord,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const outcome = answerSetupSession(world, record, field(request.body, 'answer') === 'approve');
  if (outcome === 'saved') return reply.redirect(addressAfter(record), 303);
  return sendRefusal(world, record, languageFor(record, request), reply);
}

function sendRefusal(
  world: StripeWorld,
  record: SessionRecord,
  language: PageLanguage,
  reply: FastifyReply,
): FastifyReply {
  const error = setupOf(world, record).intent.last_setup_error;
  const problem = problemOf(setupTexts(language), error?.decline_code);
  return sendSessionPage(reply, record, setupPage(record, language, problem, {}), 402);
}

function languageFor({ session }: SessionRecord, request: FastifyRequest): PageLanguage {
  return languageOf(session.locale, request.headers['accept-language']);
}
