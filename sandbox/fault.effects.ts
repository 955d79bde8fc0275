import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Faults } from './faults.js';

/** The connection breaks, with a reset where the system can send one. */
export function resetConnection(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
  return reply;
}

/** The answer never comes; the connection stays open until it is released. */
export function hangUp(faults: Faults, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  faults.hold(request.raw.socket);
  return reply;
}

/** The first half of the answer's JSON, with nothing to tell that more was meant to come. */
export function sendHalf(reply: FastifyReply, body: object): FastifyReply {
  const text = JSON.stringify(body);
  return reply.type('application/json').send(text.slice(0, Math.ceil(text.length / 2)));
}

/** What a proxy in between says while it has trouble. */
export function sendProxyPage(reply: FastifyReply): FastifyReply {
  const page = '<!doctype html><title>Bad gateway</title><h1>We will be right back</h1>';
  return reply.code(200).type('text/html; charset=utf-8').send(page);
}
