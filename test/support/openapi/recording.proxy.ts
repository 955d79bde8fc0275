import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
} from 'node:http';
import { buffer } from 'node:stream/consumers';

/** One request and the answer to it, as they went over the wire. */
export interface Exchange {
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  requestHeaders: IncomingHttpHeaders;
  requestBody: string;
  status: number;
  answerHeaders: IncomingHttpHeaders;
  answerBody: string;
}

/** Stands in front of an HTTP server, passes everything on unchanged, and keeps what passed. */
export class RecordingProxy {
  readonly exchanges: Exchange[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(targetUrl: string): Promise<RecordingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no TCP port');
    const proxy = new RecordingProxy(server, `http://127.0.0.1:${address.port}`);
    server.on('request', (incoming, outgoing) => {
      proxy.pass(targetUrl, incoming).then(
        ({ answerBody, ...exchange }) => {
          proxy.exchanges.push({ ...exchange, answerBody: answerBody.toString('utf8') });
          outgoing.writeHead(exchange.status, exchange.answerHeaders).end(answerBody);
        },
        // The target gave no whole answer: neither does the proxy.
        () => outgoing.destroy(),
      );
    });
    return proxy;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async pass(
    targetUrl: string,
    incoming: IncomingMessage,
  ): Promise<Omit<Exchange, 'answerBody'> & { answerBody: Buffer }> {
    const target = new URL(incoming.url ?? '/', targetUrl);
    const requestBody = await buffer(incoming);
    const { method = 'GET', headers } = incoming;
    const outgoing = request(target, { method, headers: { ...headers, host: target.host }, agent: false });
    outgoing.end(requestBody);
    const answered = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
    });
    return {
      method,
      path: target.pathname,
      query: target.search.slice(1),
      requestHeaders: headers,
      requestBody: requestBody.toString('utf8'),
      status: answered.statusCode ?? 0,
      answerHeaders: answered.headers,
      answerBody: await buffer(answered),
    };
  }
}
