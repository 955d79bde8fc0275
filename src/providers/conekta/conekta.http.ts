import axios, { type AxiosInstance } from 'axios';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { decodeBody, isJson, type Json, parseBody, textOf } from '../json.read.js';

export const CONEKTA_API = 'https://api.conekta.io';

const MEDIA_TYPE = 'application/vnd.conekta-v2.3.0+json';
/** A page of a hundred orders has about one. */
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

export interface ConektaRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query, beginning with a slash. */
  path: string;
  body?: Json | undefined;
  /** Of what Conekta has to say to the buyer; Spanish when absent. */
  language?: 'es' | 'en' | undefined;
  /** Until the last byte of the answer. */
  timeoutMs: number;
}

export interface ConektaAnswer {
  status: number;
  /** Undefined where the answer is no JSON object. */
  body: Json | undefined;
  /** The header of that name. */
  retryAfter: string | undefined;
}

/** Holds nothing of the request, nor what axios threw, which has the key in its headers. */
export interface NoAnswer {
  status: undefined;
  /** Such as ECONNRESET, or TIMEOUT. */
  code: string;
  /** False where the connection was never made, so that nothing was sent. */
  maybeSent: boolean;
}

/** Codes of connections that were never made: no route, no listener, or an unproven server. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_TLS_CERT_\w+|CERT_\w+|\w*SELF_SIGNED_CERT\w*|UNABLE_TO_\w+)$/;

/**
 * One request and its answer, whatever its status. The key goes to one server alone: it is verified, redirects and the
 * environment's proxies are ignored. Axios gives what `fetch` does not: our own agents, a bound on the answer, and the
 * socket's error codes, which tell whether anything was sent.
 */
export class ConektaHttp {
  private readonly axios: AxiosInstance;

  constructor(options: { privateKey: string; apiBase?: string | undefined }) {
    this.axios = axios.create({
      baseURL: (options.apiBase ?? CONEKTA_API).replace(/\/+$/, ''),
      headers: { accept: MEDIA_TYPE, authorization: `Bearer ${options.privateKey}` },
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' }),
      maxRedirects: 0,
      proxy: false,
      maxContentLength: MAX_ANSWER_BYTES,
      responseType: 'arraybuffer',
      validateStatus: () => true,
      // Bodies are written and read here: axios would let half an answer pass as text.
      transformRequest: [],
      transformResponse: [],
    });
  }

  /** Never throws. */
  async exchange(request: ConektaRequest): Promise<ConektaAnswer | NoAnswer> {
    const { method, path, body, language = 'es', timeoutMs } = request;
    try {
      const { status, headers, data } = await this.axios.request<unknown>({
        method,
        url: path,
        headers: {
          'accept-language': language,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { data: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status, body: readJson(data), retryAfter: textOf(headers['retry-after']) };
    } catch (error) {
      return noAnswerOf(error);
    }
  }
}

function readJson(data: unknown): Json | undefined {
  const text = data instanceof Uint8Array ? decodeBody(data) : undefined;
  const value = text === undefined ? undefined : parseBody(text);
  return isJson(value) ? value : undefined;
}

function noAnswerOf(error: unknown): NoAnswer {
  if (axios.isCancel(error)) return { status: undefined, code: 'TIMEOUT', maybeSent: true };
  const code = (error instanceof Error && 'code' in error ? textOf(error.code) : undefined) ?? 'UNKNOWN';
  return { status: undefined, code, maybeSent: !NEVER_CONNECTED.test(code) };
}
