import { EnvironmentFaults } from '../config/environment.js';
import { DirectoryInUse } from '../database/embedded.postgres.js';
import { toServiceError } from '../http/filters/error.mapping.js';
import { scrubText } from '../http/logging/scrub.js';
import { type ErrorDetails, withCauses } from '../kernel/errors.js';

/** The command was asked for in a way that cannot be meant. */
export class UsageError extends Error {}

/** A failure as the command line tells it. */
export interface Failure {
  /** A code of docs/errors.md, or one of `usage`, `environment`, `database_in_use`. */
  code: string;
  message: string;
  details: ErrorDetails;
}

/** Anything that was thrown. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof UsageError) return failure('usage', thrown.message);
  if (thrown instanceof EnvironmentFaults) {
    return failure('environment', thrown.message, { faults: [...thrown.faults] });
  }
  if (thrown instanceof DirectoryInUse) {
    return failure(
      'database_in_use',
      `${thrown.message}. Ask the running service (GET and POST /endpoints, with an operator's key), ` +
        'stop it first, or keep the data in Postgres: set DATABASE_URL',
    );
  }
  const { code, message, details } = toServiceError(thrown);
  // There is no log to look into: what is a secret of the service's is known to whoever runs this.
  if (code === 'database_unavailable') return failure(code, `${message}: ${withCauses(thrown)}`, details);
  return failure(code, code === 'internal' ? withCauses(thrown) : message, details);
}

function failure(code: string, message: string, details: ErrorDetails = []): Failure {
  return { code, message: scrubText(message), details };
}
