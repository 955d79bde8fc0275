import type { FastifyInstance } from 'fastify';
import { readFileSync } from 'node:fs';
import { sendPage } from '../../page.layout.js';
import type { SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { lostPage } from './receipt.page.js';
import { FRAME_SCRIPT, isEmbedded } from './session.page.js';

const STRIPE_JS = readAsset('stripe.browser.js');
const FRAME_JS = readAsset('frame.browser.js');

type Query = Partial<Record<'secret' | 'key' | 'parent', string>>;

/** The stand-in Stripe.js, and the frame that it opens. */
export function serveEmbed(server: FastifyInstance, world: StripeWorld, publishableKey: string): void {
  for (const [path, script] of [
    ['/js/stripe.js', STRIPE_JS],
    [FRAME_SCRIPT, FRAME_JS],
  ] as const) {
    server.get(path, async (_request, reply) =>
      reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-content-type-options', 'nosniff')
        .send(script),
    );
  }
  server.get<{ Params: { id: string }; Querystring: Query }>(
    '/c/embed/:id',
    async ({ params, query }, reply) => {
      const record = world.sessions.get(params.id);
      const parent = originOf(query.parent);
      if (!record || parent === null || query.key !== publishableKey || !opens(record, query.secret)) {
        return sendPage(reply, lostPage(), 404);
      }
      record.shownAt = parent;
      return reply.redirect(`/c/pay/${record.session.id}`, 303);
    },
  );
}

function opens(record: SessionRecord, secret: string | undefined): boolean {
  return isEmbedded(record) && record.session.client_secret === secret;
}

/** Only a bare web origin goes into a header: a host of the URL standard may hold semicolons and quotes. */
function originOf(text = ''): string | null {
  return /^https?:\/\/(\[[0-9a-f:]+\]|[\w.-]+)(:\d+)?$/.test(text) ? text : null;
}

function readAsset(name: string): string {
  return readFileSync(new URL(`../embedded/${name}`, import.meta.url), 'utf8');
}
