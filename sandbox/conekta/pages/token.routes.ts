import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Html } from '../../page.html.js';
import type { CheckoutActs } from '../checkout.acts.js';
import { ConektaError, invalid } from '../conekta.errors.js';
import { cardEntry, typedCard, wrongFields, type CardField } from './card.entry.js';
import { failed } from './frame.message.js';
import { textsIn } from './language.js';
import { noticePage, wrongKeyPage } from './notice.page.js';
import { sendPayment } from './payment.layout.js';
import { frameSetting, type Setting } from './setting.js';
import { FIRST_CARD, tokenPage } from './token.page.js';

export interface TokenPlace {
  acts: CheckoutActs;
  /** False for a request that comes with another shop's key. */
  admits: (request: FastifyRequest) => boolean;
  baseUrl: () => string;
}

interface Answer {
  page: Html;
  status?: number;
}

const PATH = '/component/card';

/** The card component's frame. */
export function serveTokenForm(server: FastifyInstance, { acts, admits, baseUrl }: TokenPlace): void {
  const visit =
    (act: (setting: Setting, body: unknown) => Answer) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const setting = frameSetting(PATH, request);
      if (!admits(request)) return sendPayment(reply, wrongKeyPage(setting), baseUrl(), 401);
      const { page, status } = act(setting, request.body);
      return sendPayment(reply, page, baseUrl(), status);
    };
  server.get(
    PATH,
    visit((setting) => showForm(acts, setting)),
  );
  server.post(
    `${PATH}/card`,
    visit((setting, body) => takeCard(acts, setting, body)),
  );
}

/** A form that cannot be used says so at once, to the customer and to the shop. */
function showForm(acts: CheckoutActs, setting: Setting): Answer {
  const checkoutId = setting.frame?.tokenCheckoutId;
  try {
    if (checkoutId) acts.requireOpenToken(checkoutId);
    return { page: tokenPage(setting, FIRST_CARD, { kind: 'ready' }) };
  } catch (cause) {
    if (cause instanceof ConektaError) return closedForm(setting, cause);
    throw cause;
  }
}

function takeCard(acts: CheckoutActs, setting: Setting, body: unknown): Answer {
  const { language, frame } = setting;
  const typed = typedCard(body);
  const wrong = wrongFields(typed, new Date());
  if (wrong.length > 0) {
    const error = wrongCard(wrong);
    return {
      page: tokenPage(setting, { typed, wrong, problem: null }, failed(error, language)),
      status: 422,
    };
  }
  try {
    const { id } = acts.createToken(cardEntry(typed, []), frame?.tokenCheckoutId ?? undefined);
    const detail = { id, object: 'token', livemode: false, used: false };
    return {
      page: noticePage(setting, 'good', textsIn(language).saved, { message: { kind: 'done', detail } }),
    };
  } catch (cause) {
    if (!(cause instanceof ConektaError)) throw cause;
    if (!isAboutTheCard(cause)) return closedForm(setting, cause);
    const attempt = { typed, wrong, problem: cause.text(language) };
    return { page: tokenPage(setting, attempt, failed(cause, language)), status: cause.status };
  }
}

/** Another card may do; a used, expired or unknown checkout stays what it is. */
function isAboutTheCard({ status }: ConektaError): boolean {
  return status === 402 || status === 422;
}

function closedForm(setting: Setting, error: ConektaError): Answer {
  const { language } = setting;
  const notice = { title: textsIn(language).formClosed, text: error.text(language) };
  const message = failed(error, language);
  return { page: noticePage(setting, 'bad', notice, { message }), status: error.status };
}

/** What is wrong with the fields, as the API would say it of a card. */
function wrongCard(fields: readonly CardField[]): ConektaError {
  const details = fields.flatMap((name) => {
    const message = { es: textsIn('es').problems[name], en: textsIn('en').problems[name] };
    return invalid(`card.${name}`, 'invalid', message).details;
  });
  return new ConektaError(422, 'parameter_validation_error', details);
}
