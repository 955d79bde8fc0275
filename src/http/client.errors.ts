import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ServiceError } from '../kernel/errors.js';

/** Node's codes for what ends a connection before a request exists, and the status each one gets; 400 otherwise. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

/** Answers bytes that are no HTTP request (Node's parser refused them) in the uniform body, and hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy(error);
    return;
  }
  socket.write(rawAnswer(STATUS_BY_CODE[error.code ?? ''] ?? 400));
  socket.destroySoon();
}

function rawAnswer(status: number): string {
  const requestId = randomUUID();
  const reason = new ServiceError('invalid_request', 'the request is not valid HTTP or came too slowly');
  const body = JSON.stringify(reason.toBody(requestId));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
