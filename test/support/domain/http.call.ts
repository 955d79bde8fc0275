import { once } from 'node:events';
import { type IncomingMessage, request, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

export interface HttpAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  /** The parsed body; empty where it is no JSON object. */
  body: Record<string, unknown>;
}

/** POSTs exactly these bytes under exactly these headers: nothing is added but what HTTP itself needs. */
export async function post(
  url: string,
  body: string | Buffer | Iterable<Buffer>,
  headers: OutgoingHttpHeaders = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers, agent: false });
    call.once('response', (response) => void readAnswer(response).then(resolve, reject));
    // A server may hang up on a body that it does not want to read to its end; its answer came before.
    call.once('error', reject);
    if (typeof body === 'string' || Buffer.isBuffer(body)) call.end(body);
    else void writeAll(call, body);
  });
}

async function writeAll(call: ReturnType<typeof request>, chunks: Iterable<Buffer>): Promise<void> {
  for (const chunk of chunks) {
    if (call.destroyed) return;
    if (!call.write(chunk)) await Promise.race([once(call, 'drain'), once(call, 'close')]);
  }
  call.end();
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  response.setEncoding('utf8');
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode ?? 0, headers: response.headers, text, body: objectIn(text) };
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

/** Sends bytes that no client library would write, and gives all that comes back until the server hangs up. */
export async function sendBytes(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('utf8');
  let answer = '';
  socket.on('data', (part: string) => (answer += part));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}
