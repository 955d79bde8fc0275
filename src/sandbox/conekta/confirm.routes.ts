import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html, type Html } from '../page.html.js';
import { page, sendPage } from '../page.layout.js';
import { bodyText } from '../request.body.js';
import { ConektaError, notFound, refused } from './conekta.errors.js';
import type { Charge } from './conekta.types.js';
import type { ConektaWorld, OrderRecord } from './conekta.world.js';
import { answerChallenge } from './moves/card.payment.js';
import { playDue } from './moves/due.moves.js';
import { payWaiting } from './moves/waiting.payment.js';

type Request = FastifyRequest<{ Params: { id: string } }>;

/**
 * The page that a direct charge sends the customer to: the bank's question about a card, or the place
 * of a lender or of an online bank. Afterwards the browser goes where the request said.
 */
export function serveConfirmations(server: FastifyInstance, world: ConektaWorld): void {
  const answered =
    (answer: (request: Request, reply: FastifyReply) => FastifyReply) =>
    async (request: Request, reply: FastifyReply): Promise<FastifyReply> => {
      playDue(world);
      try {
        return answer(request, reply);
      } catch (cause) {
        if (!(cause instanceof ConektaError)) throw cause;
        return sendPage(reply, notice(cause.text('es')), cause.status);
      }
    };
  server.get(
    '/confirm/:id',
    answered(({ params }, reply) => sendPage(reply, question(found(world, params.id).charge))),
  );
  server.post(
    '/confirm/:id',
    answered(({ params, body }, reply) => {
      const approves = new URLSearchParams(bodyText(body)).get('answer') === 'approve';
      const address = take(world, found(world, params.id), approves);
      return address === undefined
        ? sendPage(reply, notice('Gracias. Puedes cerrar esta página.'))
        : reply.redirect(address, 303);
    }),
  );
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
function take(world: ConektaWorld, { record, charge }: Found, approves: boolean): string | undefined {
  const { payment_method: method } = charge;
  if (charge.status === 'pending_confirmation') {
    answerChallenge(world, record, { approves, language: 'es' });
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

function question({ id, amount, currency }: Charge): Html {
  const content = html`<div class="card">
    <h1>¿Confirmas este pago?</h1>
    <p class="total">${(amount / 100).toFixed(2)} ${currency}</p>
    <form method="post" action="/confirm/${id}" class="stack">
      <button name="answer" value="approve">Sí, confirmar</button>
      <button name="answer" value="refuse" class="quiet">No, rechazar</button>
    </form>
  </div>`;
  return page({ title: 'Confirmar', provider: 'Conekta', layout: 'narrow', content });
}

function notice(text: string): Html {
  const content = html`<div class="card"><p>${text}</p></div>`;
  return page({ title: 'Conekta', provider: 'Conekta', layout: 'narrow', content });
}
