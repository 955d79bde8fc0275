import { ServiceError } from '../../src/kernel/errors.js';

/** What an adapter refuses to ask for: the error's code, and the fields that it names. */
export function refusalOf(act: () => unknown): unknown[] {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const details: unknown[] = Array.isArray(error.details) ? error.details : [error.details];
    return [error.code, ...details.map((detail) => Object(detail).field)];
  }
  return ['nothing was refused'];
}
