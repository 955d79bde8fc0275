import Fastify, { type FastifyInstance } from 'fastify';

export interface ListenOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
}

/** A bare HTTP server for a stand-in provider: bodies arrive as text, each route reads its own. */
export function newSandboxServer(): FastifyInstance {
  const server = Fastify({
    forceCloseConnections: true,
    bodyLimit: 2 * 1024 * 1024,
    routerOptions: { maxParamLength: 500 },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  return server;
}

/** Listens and gives the URL that others reach it by, with no slash at its end. */
export async function listen(server: FastifyInstance, options: ListenOptions): Promise<string> {
  await server.listen({ host: options.host, port: options.port });
  const address = server.server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  return `http://${options.host}:${port}`;
}
