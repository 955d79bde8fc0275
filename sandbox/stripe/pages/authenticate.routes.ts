import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html, type Html } from '../../page.html.js';
import { page, sendPage, type PageLanguage } from '../../page.layout.js';
import { isChallenge } from '../moves/challenge.action.js';
import { playDue } from '../moves/billing.due.js';
import { authenticate } from '../moves/intent.direct.js';
import { formatMoney } from '../stripe.money.js';
import type { Intent, SetupIntent } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { field } from './page.forms.js';
import { lostPage } from './receipt.page.js';
import { answers } from './setup.page.js';
import { languageOf, setupTexts } from './setup.texts.js';

type Visit = FastifyRequest<{ Params: { id: string } }>;

/** The bank's question behind `next_action.redirect_to_url`, and the way back to the merchant's page. */
export function serveAuthentication(server: FastifyInstance, world: StripeWorld): void {
  server.get('/c/authenticate/:id', async ({ params, headers }: Visit, reply) => {
    playDue(world);
    const intent = intentNamed(world, params.id);
    if (!intent) return sendPage(reply, lostPage(), 404);
    if (!isAsked(intent)) return leave(reply, intent);
    return sendPage(reply, questionPage(intent, languageOf(null, headers['accept-language'])));
  });
  server.post('/c/authenticate/:id', async ({ params, body }: Visit, reply) => {
    playDue(world);
    const intent = intentNamed(world, params.id);
    if (!intent) return sendPage(reply, lostPage(), 404);
    // The way back is part of the question, which is over after the answer.
    const back = returnAddress(intent);
    if (isAsked(intent)) authenticate(world, intent.id, field(body, 'answer') === 'approve');
    return leave(reply, intent, back);
  });
}

function questionPage(intent: Intent | SetupIntent, language: PageLanguage): Html {
  const texts = setupTexts(language);
  const text =
    intent.object === 'payment_intent'
      ? texts.question.payment(formatMoney(intent.amount, intent.currency))
      : texts.question.text;
  const content = html`<section class="card" aria-labelledby="question">
    <h1 id="question">${texts.question.title}</h1>
    <p>${text}</p>
    <form method="post" action="/c/authenticate/${intent.id}" class="stack">${answers(texts)}</form>
  </section>`;
  return page({ title: '3-D Secure (sandbox)', language, provider: 'the bank', layout: 'narrow', content });
}

function isAsked(intent: Intent | SetupIntent): boolean {
  return intent.status === 'requires_action' && isChallenge(intent.next_action);
}

function intentNamed(world: StripeWorld, id: string): Intent | SetupIntent | undefined {
  return world.intents.get(id)?.intent ?? world.setupIntents.get(id)?.intent;
}

function returnAddress(intent: Intent | SetupIntent): string | null {
  return intent.next_action?.redirect_to_url?.return_url ?? null;
}

/** Back to `return_url`, with the parameters that Stripe adds to it. */
function leave(
  reply: FastifyReply,
  intent: Intent | SetupIntent,
  back = returnAddress(intent),
): FastifyReply {
  if (back === null || !URL.canParse(back)) return sendPage(reply, lostPage(), 404);
  const address = new URL(back);
  const succeeded = intent.status === 'succeeded' || intent.status === 'requires_capture';
  address.searchParams.set(intent.object, intent.id);
  address.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? '');
  address.searchParams.set('redirect_status', succeeded ? 'succeeded' : 'failed');
  return reply.redirect(address.href, 303);
}
