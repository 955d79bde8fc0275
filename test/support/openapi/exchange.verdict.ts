import type { GivenAnswer, OpenApiDocument, SentRequest } from './openapi.document.js';
import type { Exchange } from './recording.proxy.js';

/** What a document says of recorded exchanges: each fault once, `POST /orders (200): body.currency is …`. */
export interface Verdict {
  /** The document's operations that were called, in order of their names: nothing is valid for want of traffic. */
  operations: string[];
  requests: string[];
  answers: string[];
  /** What valid answers hold that the document does not tell. */
  unknown: string[];
}

/** What is wanted. */
export function validCalls(...operations: string[]): Verdict {
  return { operations: operations.sort(), requests: [], answers: [], unknown: [] };
}

export function verdict(document: OpenApiDocument, exchanges: readonly Exchange[]): Verdict {
  const nameOf = ({ method, path }: Exchange): string =>
    document.operationOf(method, path) ?? `${method} ${path}`;
  const told = (check: (exchange: Exchange) => string[]): string[] => [
    ...new Set(
      exchanges.flatMap((exchange) =>
        check(exchange).map((fault) => `${nameOf(exchange)} (${exchange.status}): ${fault}`),
      ),
    ),
  ];
  return {
    operations: [...new Set(exchanges.map(nameOf))].sort(),
    requests: told((exchange) => document.checkRequest(requestOf(exchange))),
    answers: told((exchange) => document.checkAnswer(answerOf(exchange))),
    unknown: told((exchange) => document.unknownIn(answerOf(exchange))),
  };
}

function requestOf(exchange: Exchange): SentRequest {
  return { ...exchange, headers: exchange.requestHeaders, body: exchange.requestBody };
}

function answerOf(exchange: Exchange): GivenAnswer {
  return { ...exchange, contentType: exchange.answerHeaders['content-type'], body: exchange.answerBody };
}
