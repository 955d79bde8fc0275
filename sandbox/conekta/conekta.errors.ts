import { newHexId } from './conekta.ids.js';

export type Language = 'es' | 'en';

/** One text in both languages. */
export interface Words {
  es: string;
  en: string;
}

export interface ErrorDetail {
  /** Without the `conekta.errors.` that all of them begin with. */
  code: string;
  /** The path of the parameter, `line_items.0.name`. */
  param?: string;
  /** For the buyer. */
  message: Words;
  /** For the developer; the English message when absent. */
  debug?: string;
}

export type ConektaErrorType =
  | 'api_error'
  | 'authentication_error'
  | 'parameter_validation_error'
  | 'precondition_required_error'
  | 'processing_error'
  | 'resource_not_found_error'
  | 'too_many_requests_error';

/** The body of an error: `message` is in the caller's language. */
export interface ErrorBody {
  object: 'error';
  type: ConektaErrorType;
  log_id: string;
  details: { code: string; param?: string; message: string; debug_message: string }[];
}

/** An answer in Conekta's error shape. */
export class ConektaError extends Error {
  constructor(
    readonly status: number,
    readonly type: ConektaErrorType,
    readonly details: readonly ErrorDetail[],
  ) {
    super(details.map(({ debug, message }) => debug ?? message.en).join(' '));
  }

  /** What a buyer is shown. */
  text(language: Language): string {
    return this.details.map(({ message }) => message[language]).join(' ');
  }

  body(language: Language): ErrorBody {
    const details = this.details.map(({ code, param, message, debug }) => ({
      code: `conekta.errors.${code}`,
      ...(param !== undefined && { param }),
      message: message[language],
      debug_message: debug ?? message.en,
    }));
    return { object: 'error', type: this.type, log_id: newHexId(), details };
  }
}

/**
 * 422 for a parameter that cannot be used.
 *
 * @param rule the last part of the code, as `too_long`
 */
export function invalid(param: string, rule: string, message: Words): ConektaError {
  const path = param.replaceAll(/\.\d+(?=\.|$)/g, '');
  const code = `parameter_validation.${path === '' ? 'body' : path}.${rule}`;
  return new ConektaError(422, 'parameter_validation_error', [
    { code, param, message, debug: `${param}: ${message.en}` },
  ]);
}

/** 428 for a request that does not fit the state of things. */
export function refused(code: string, message: Words): ConektaError {
  return new ConektaError(428, 'precondition_required_error', [
    { code: `precondition_required.${code}`, message },
  ]);
}

export function notFound(kind: string, id: string): ConektaError {
  return new ConektaError(404, 'resource_not_found_error', [
    {
      code: 'resource_not_found.entity',
      message: { es: 'No encontramos lo que buscas.', en: 'What you asked for does not exist.' },
      debug: `There is no ${kind} "${id}".`,
    },
  ]);
}

/** 402: a bank or the vault of cards said no. */
export function unprocessed(code: string, message: Words, debug?: string): ConektaError {
  return new ConektaError(402, 'processing_error', [{ code: `processing.${code}`, message, debug }]);
}

export function wrongKey(code: 'invalid_key' | 'missing_key', message: Words): ConektaError {
  return new ConektaError(401, 'authentication_error', [{ code: `authentication.${code}`, message }]);
}

/** An answer that says nothing but its status. */
export function bareError(status: number): ConektaError {
  const [type, code] = BARE[status] ?? ['api_error', 'api.system.general_failure'];
  const message =
    type === 'too_many_requests_error'
      ? { es: 'Demasiadas solicitudes; espera un momento.', en: 'Too many requests; wait a moment.' }
      : { es: 'Algo falló de nuestro lado.', en: 'Something failed on our side.' };
  return new ConektaError(status, type, [{ code, message }]);
}

const BARE: Record<number, [ConektaErrorType, string]> = {
  401: ['authentication_error', 'authentication.invalid_key'],
  402: ['processing_error', 'processing.general_failure'],
  404: ['resource_not_found_error', 'resource_not_found.entity'],
  422: ['parameter_validation_error', 'parameter_validation.general'],
  428: ['precondition_required_error', 'precondition_required.general'],
  429: ['too_many_requests_error', 'too_many_requests'],
};
