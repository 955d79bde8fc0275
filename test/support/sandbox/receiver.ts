import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';

export interface Receipt {
  id: string;
  type: string;
  body: string;
  /** The provider's signature header, or the empty text. */
  signature: string;
  headers: IncomingHttpHeaders;
}

/** A webhook receiver for tests: keeps what arrives and answers what it is told to. */
export interface Receiver {
  readonly url: string;
  readonly received: Receipt[];
  /** Statuses of the next answers; 200 once they are used up. */
  readonly answers: number[];
  close(): Promise<void>;
}

/** @param signedBy the header that carries the signature */
export async function newReceiver(signedBy: string): Promise<Receiver> {
  const received: Receipt[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const { id, type }: { id: string; type: string } = JSON.parse(body);
      const { headers } = request;
      received.push({ id, type, body, signature: String(headers[signedBy] ?? ''), headers });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    received,
    answers,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
