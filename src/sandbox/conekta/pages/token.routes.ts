import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Html } from '../../page.html.js';
import type { CheckoutActs } from '../checkout.acts.js';
import { ConektaError } from '../conekta.errors.js';
import { cardEntry, typedCard, wrongFields } from './card.entry.js';
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

const PATH = '/component/card';

/** The card component's frame. */
export function serveTokenForm(server: FastifyInstance, { acts, admits, baseUrl }: TokenPlace): void {
  type Answer = { page: Html; status?: number };
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
    visit((setting) => ({ page: tokenPage(setting, FIRST_CARD, { kind: 'ready' }) })),
  );
  server.post(
    `${PATH}/card`,
    visit((setting, body) => takeCard(acts, setting, body)),
  );
}

function takeCard(acts: CheckoutActs, setting: Setting, body: unknown): { page: Html; status?: number } {
  const { language } = setting;
  const typed = typedCard(body);
  const wrong = wrongFields(typed, new Date());
  if (wrong.length > 0) return { page: tokenPage(setting, { typed, wrong, problem: null }), status: 422 };
  try {
    const { id } = acts.createToken(cardEntry(typed, []));
    const detail = { id, object: 'token', livemode: false, used: false };
    return {
      page: noticePage(setting, 'good', textsIn(language).saved, { message: { kind: 'done', detail } }),
    };
  } catch (cause) {
    if (!(cause instanceof ConektaError)) throw cause;
    const attempt = { typed, wrong, problem: cause.text(language) };
    return { page: tokenPage(setting, attempt, failed(cause, language)), status: cause.status };
  }
}
