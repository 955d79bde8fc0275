import type { Command } from 'commander';
import { userInfo } from 'node:os';
import { EnvironmentFaults } from '../config/environment.js';
import { DirectoryInUse } from '../database/embedded.server.js';
import { toServiceError } from '../http/filters/error.filter.js';
import { scrubText } from '../http/logging/scrub.js';
import { type ErrorDetails, withCauses } from '../kernel/errors.js';

export class UsageError extends Error {}

export interface Failure {
  /** A code of docs/errors.md, or one of `usage`, `environment`, `database_in_use`. */
  code: string;
  message: string;
  details: ErrorDetails;
}

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
  // There is no log to look into, and whoever runs this knows the service's secrets.
  if (code === 'database_unavailable') return failure(code, `${message}: ${withCauses(thrown)}`, details);
  return failure(code, code === 'internal' ? withCauses(thrown) : message, details);
}

function failure(code: string, message: string, details: ErrorDetails = []): Failure {
  return { code, message: scrubText(message), details };
}

export interface Answer {
  data: unknown;
  text: string;
}

export type Tell = (answer: Answer, asJson: boolean) => void;

export function withJson(command: Command): Command {
  return command.option('--json', 'answer with JSON, for programs');
}

/** The operator's name in our records: the operating system's. */
export function operatorHere(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A user without an entry in the system's list, as containers have.
    return `cli:${process.getuid?.() ?? 'unknown'}`;
  }
}

/** What a provider keeps was written by anybody: nothing in it moves the cursor. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '');
}
