import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html, type Html } from '../page.html.js';
import { page, sendPage } from '../page.layout.js';
import { bodyText } from '../request.body.js';
import { ConektaError, notFound, refused, type Language } from './conekta.errors.js';
import type { Charge } from './conekta.types.js';
import type { ConektaWorld, OrderRecord } from './conekta.world.js';
import { answerChallenge } from './moves/card.payment.js';
import { playDue } from './moves/due.moves.js';
import { payWaiting } from './moves/waiting.payment.js';
import { textsIn } from './pages/language.js';
import { windowSetting } from './pages/setting.js';

const THANKS = { es: 'Gracias. Puedes cerrar esta página.', en: 'Thank you. You may close this page.' };

type Request = FastifyRequest<{ Params: { id: string } }>;

/**
 * The page that a direct charge sends the customer to: the bank's question about a card, or the place
 * of a lender or of an online bank. Afterwards the browser goes where the request said.
 */
export function serveConfirmations(server: FastifyInstance, world: ConektaWorld): void {
  const answered =
    (answer: (request: Request, reply: FastifyReply, language: Language) => FastifyReply) =>
    async (request: Request, reply: FastifyReply): Promise<FastifyReply> => {
      const { language } = windowSetting(request.url, request);
      playDue(world);
      try {
        return answer(request, reply, language);
      } catch (cause) {
        if (!(cause instanceof ConektaError)) throw cause;
        return sendPage(reply, notice(cause.text(language)), cause.status);
      }
    };
  server.get(
    '/confirm/:id',
    answered(({ params }, reply, language) =>
      sendPage(reply, question(found(world, params.id).charge, language)),
    ),
  );
  server.post(
    '/confirm/:id',
    answered(({ params, body }, reply, language) => {
      const approves = new URLSearchParams(bodyText(body)).get('answer') === 'approve';
      const address = take(world, found(world, params.id), { approves, language });
      return address === undefined ? sendPage(reply, notice(THANKS[language])) : reply.redirect(address, 303);
    }),
  );
}

interface BankAnswer {
  approves: boolean;
  language: Language;
}

interface Found {
  record: OrderRecord;
  charge: Charge;
}

function found(world: ConektaWorld, chargeId: string): Found {
  for (const record of world.orders.values()) {
    const charge = record.order.charges?.data.find(({ id }) => id === chargeId);
    if (charge) return { record, charge };
  }
  throw notFound('charge', chargeId);
}

/** Plays the answer and gives the address of the shop's page for it. */
function take(world: ConektaWorld, { record, charge }: Found, answer: BankAnswer): string | undefined {
  const { approves } = answer;
  const { payment_method: method } = charge;
  if (charge.status === 'pending_confirmation') {
    answerChallenge(world, record, answer);
    return record.returnUrl ?? undefined;
  }
  if (charge.status !== 'pending_payment') {
    throw refused('charge.not_waiting', {
      es: 'Este cargo ya no espera nada.',
      en: 'This charge is closed.',
    });
  }
  if (approves) payWaiting(world, record, { by: [method.object], late: false });
  if (method.object === 'bnpl_payment') return approves ? method.success_url : method.failure_url;
  return record.returnUrl ?? undefined;
}

function question({ id, amount, currency }: Charge, language: Language): Html {
  const { challenge } = textsIn(language);
  const content = html`<div class="card">
    <h1>${challenge.title}</h1>
    <p class="total">${(amount / 100).toFixed(2)} ${currency}</p>
    <form method="post" action="/confirm/${id}" class="stack">
      <button name="answer" value="approve" data-action="approve">${challenge.approve}</button>
      <button name="answer" value="refuse" data-action="refuse" class="quiet">${challenge.refuse}</button>
    </form>
  </div>`;
  return page({ title: challenge.title, provider: 'Conekta', layout: 'narrow', content });
}

function notice(text: string): Html {
  const content = html`<div class="card"><p>${text}</p></div>`;
  return page({ title: 'Conekta', provider: 'Conekta', layout: 'narrow', content });
}
