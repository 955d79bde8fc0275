import type { ServiceError } from '../../kernel/errors.js';
import type { PinoLogger } from '../logging/pino.logger.js';

/**
 * Writes down what the operator has to know: a bug with its stack, an outage in one line. A refusal is the
 * caller's affair and shows in the access log.
 */
export function reportError(error: ServiceError, thrown: unknown, logger: PinoLogger): void {
  if (error.status < 500) return;
  if (error.code === 'internal') logger.error(`unexpected ${typeof thrown} thrown`, thrown, 'ErrorFilter');
  else logger.warn(`${error.code}: ${error.message}`, reasonOf(error.cause), 'ErrorFilter');
}

function reasonOf(cause: unknown): { cause: string } | undefined {
  return cause instanceof Error ? { cause: `${cause.name}: ${cause.message.split('\n')[0]}` } : undefined;
}
