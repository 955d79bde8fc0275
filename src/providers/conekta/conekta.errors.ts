import { isJson, type Json, jsonOf, listOf, textOf } from '../json.read.js';
import {
  errorsOf,
  type ProviderError,
  type ProviderErrorDetails,
  type ProviderErrorKind,
  retryAfterMs,
} from '../provider.errors.js';
import { CONEKTA } from './conekta.account.js';
import type { ConektaAnswer, NoAnswer } from './conekta.http.js';

/** A ProviderError of Conekta's. */
export const conektaError = errorsOf(CONEKTA, 'Conekta', 'the card or its token');

/** By Conekta or a gateway before it, which has not passed the request on. */
const REFUSED_AT_THE_DOOR: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'authentication',
  403: 'authentication',
  429: 'rate_limited',
};

/** By Conekta itself, with its error object. */
const REFUSED: Readonly<Record<number, ProviderErrorKind>> = {
  400: 'invalid_request',
  402: 'declined',
  404: 'not_found',
  422: 'invalid_request',
  428: 'invalid_request',
};

/** A token works once. A used one is told with the status of a decline, although nothing was charged. */
const USED_TOKEN = /\btokenization\.used$/;
/** A missing or foreign card is told as a fault of the parameter that names it. */
const CARD_PARAM = /(^|\.)(token_id|payment_source_id|default_payment_source_id|card_id)$/;

const MAX_BUYER_MESSAGE = 300;
/** An e-mail address, a card or phone number, a key: none may leave in an error. */
const PERSONAL = /@|\d[\d -]{6,}\d|key_/i;

export function toProviderError(answer: ConektaAnswer | NoAnswer): ProviderError {
  if (answer.status === undefined) return unusableAnswer(answer.code);
  return conektaError(kindOf(answer), detailsOf(answer));
}

/** Whether Conekta may have done what it was asked: after 5xx, a redirect, half an answer or none. */
export function mayHaveActed(answer: ConektaAnswer | NoAnswer): boolean {
  return answer.status === undefined ? answer.maybeSent : kindOf(answer) === 'unavailable';
}

/** For an answer that is no answer: an object of another kind, or of somebody else's request. */
export function unusableAnswer(providerCode: string): ProviderError {
  return conektaError('unavailable', { providerCode });
}

/** Conekta's keys do not say their mode: only an answer shows that ours is of the other one. */
export function livemodeMismatch(livemode: boolean): ProviderError {
  const message = `the key works in ${livemode ? 'live' : 'test'} mode, and CONEKTA_LIVEMODE says otherwise`;
  return conektaError('authentication', { providerCode: 'livemode_mismatch' }, message);
}

function kindOf({ status, body }: ConektaAnswer): ProviderErrorKind {
  const told = body?.object === 'error' ? (cardFault(status, body) ?? REFUSED[status]) : undefined;
  return REFUSED_AT_THE_DOOR[status] ?? told ?? 'unavailable';
}

function cardFault(status: number, body: Json): ProviderErrorKind | undefined {
  const { code, param } = firstDetail(body);
  const isCards =
    (status === 402 && USED_TOKEN.test(textOf(code) ?? '')) ||
    (status === 422 && CARD_PARAM.test(textOf(param) ?? ''));
  return isCards ? 'card_unusable' : undefined;
}

function firstDetail(error: Json): Json {
  return jsonOf(listOf(error.details).find(isJson));
}

function detailsOf({ status, body, retryAfter }: ConektaAnswer): Omit<ProviderErrorDetails, 'provider'> {
  const error = jsonOf(body);
  const detail = firstDetail(error);
  return {
    providerCode: textOf(detail.code) ?? textOf(error.type) ?? `http_${status}`,
    param: textOf(detail.param),
    requestId: textOf(error.log_id),
    retryAfterMs: retryAfterMs(retryAfter),
    buyerMessage: forBuyer(textOf(detail.message)),
  };
}

/** Undefined for what says too much. */
export function forBuyer(message: string | undefined): string | undefined {
  if (message === undefined || message.length > MAX_BUYER_MESSAGE || PERSONAL.test(message)) return undefined;
  return message;
}
