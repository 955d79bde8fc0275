import type { FastifyInstance } from 'fastify';
import { readFileSync } from 'node:fs';
import { FRAME_SCRIPT_PATH } from './payment.layout.js';

/** Where shops load the component from. */
export const COMPONENT_SCRIPT_PATH = '/v1.0/js/conekta-checkout.min.js';

const COMPONENT_SCRIPT = readScript('checkout');
const FRAME_SCRIPT = readScript('frame');

/** The two scripts: one for the shop's page, one for the pages in its frame. */
export function serveScripts(server: FastifyInstance): void {
  serveScript(server, COMPONENT_SCRIPT_PATH, COMPONENT_SCRIPT);
  serveScript(server, FRAME_SCRIPT_PATH, FRAME_SCRIPT);
}

function serveScript(server: FastifyInstance, path: string, script: string): void {
  server.get(path, (_request, reply) =>
    reply
      .type('application/javascript; charset=utf-8')
      .header('access-control-allow-origin', '*')
      .header('cross-origin-resource-policy', 'cross-origin')
      .header('cache-control', 'no-cache')
      .header('x-content-type-options', 'nosniff')
      .send(script),
  );
}

function readScript(name: string): string {
  return readFileSync(new URL(`../component/${name}.browser.js`, import.meta.url), 'utf8');
}
