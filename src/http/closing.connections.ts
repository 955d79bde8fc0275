import type { FastifyInstance } from 'fastify';

/**
 * While the server closes, every answer ends its connection. Connections that are idle then are closed by
 * Fastify; one whose answer is still being made would otherwise be kept alive, and keep the process with it.
 * @param isStopping true: it closes soon, so clients may as well go elsewhere now.
 */
export function endConnectionsOnClose(fastify: FastifyInstance, isStopping: () => boolean): void {
  let closing = false;
  fastify.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing || isStopping()) reply.header('connection', 'close');
    done();
  });
}
