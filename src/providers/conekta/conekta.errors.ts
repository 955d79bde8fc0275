import { isJson, type Json, jsonOf, listOf, textOf } from '../json.read.js';
import {
  ProviderError,
  type ProviderErrorDetails,
  type ProviderErrorKind,
  retryAfterMs,
} from '../provider.errors.js';
import type { ConektaAnswer, NoAnswer } from './conekta.http.js';
import { CONEKTA } from './conekta.name.js';

/** Our own words: what Conekta writes for developers may quote what we sent. */
const MESSAGES: Readonly<Record<ProviderErrorKind, string>> = {
  invalid_request: 'Conekta refused the request',
  authentication: 'Conekta refused our key',
  rate_limited: 'Conekta asked us to slow down',
  unavailable: 'Conekta gave no usable answer',
  declined: 'Conekta declined the payment',
  card_unusable: 'Conekta cannot use the card or its token',
  not_found: 'Conekta does not know the object',
  not_allowed: 'Conekta has it in a state that does not allow this',
  nothing_due: 'Conekta has no bill that waits to be collected',
};

/** Whoever answers so has not passed the request on: Conekta, or a gateway before it. */
const REFUSED_AT_THE_DOOR: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'authentication',
  403: 'authentication',
  429: 'rate_limited',
};

/** Refusals by Conekta itself, which are told by its error object. */
const REFUSED: Readonly<Record<number, ProviderErrorKind>> = {
  400: 'invalid_request',
  402: 'declined',
  404: 'not_found',
  422: 'invalid_request',
  428: 'invalid_request',
};

/** A token works once; it is used up although nothing was charged, and is told with the status of a decline. */
const USED_TOKEN = /\btokenization\.used$/;
/** What names a card: one that is not there, or is somebody else's, is told as a fault of the parameter. */
const CARD_PARAM = /(^|\.)(token_id|payment_source_id|default_payment_source_id|card_id)$/;

const MAX_BUYER_MESSAGE = 300;
/** An e-mail address, a card or phone number, a key: nothing of these leaves in an error. */
const PERSONAL = /@|\d[\d -]{6,}\d|key_/i;

/** An answer that is not what was asked for, or none at all, in the port's vocabulary. */
export function toProviderError(answer: ConektaAnswer | NoAnswer): ProviderError {
  if (answer.status === undefined) return unusableAnswer(answer.code);
  const kind = kindOf(answer);
  return new ProviderError(kind, MESSAGES[kind], detailsOf(answer));
}

/** Whether Conekta may have done what it was asked: after 5xx, a redirect, half an answer or none. */
export function mayHaveActed(answer: ConektaAnswer | NoAnswer): boolean {
  return answer.status === undefined ? answer.maybeSent : kindOf(answer) === 'unavailable';
}

/** Nothing was asked of Conekta: there is nothing to ask for. */
export function nothingDue(): ProviderError {
  return new ProviderError('nothing_due', MESSAGES.nothing_due, { provider: CONEKTA });
}

/** An answer that is no answer: an object of another kind, or of somebody else's request. */
export function unusableAnswer(providerCode: string): ProviderError {
  return new ProviderError('unavailable', MESSAGES.unavailable, { provider: CONEKTA, providerCode });
}

/** A request that was sent, and that nothing came of in all the time that it can have taken. */
export function neverArrived(): ProviderError {
  return new ProviderError('not_found', 'Conekta never got the request', {
    provider: CONEKTA,
    providerCode: 'never_arrived',
  });
}

/** Conekta's keys do not say their mode, so only an answer shows that ours is of the other one. */
export function livemodeMismatch(livemode: boolean): ProviderError {
  const message = `the key works in ${livemode ? 'live' : 'test'} mode, and CONEKTA_LIVEMODE says otherwise`;
  return new ProviderError('authentication', message, {
    provider: CONEKTA,
    providerCode: 'livemode_mismatch',
  });
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

function detailsOf({ status, body, retryAfter }: ConektaAnswer): ProviderErrorDetails {
  const error = jsonOf(body);
  const detail = firstDetail(error);
  return {
    provider: CONEKTA,
    providerCode: textOf(detail.code) ?? textOf(error.type) ?? `http_${status}`,
    param: textOf(detail.param),
    requestId: textOf(error.log_id),
    retryAfterMs: retryAfterMs(retryAfter),
    buyerMessage: forBuyer(textOf(detail.message)),
  };
}

/** Undefined for what says too much, of the buyer or otherwise. */
export function forBuyer(message: string | undefined): string | undefined {
  if (message === undefined || message.length > MAX_BUYER_MESSAGE || PERSONAL.test(message)) return undefined;
  return message;
}
