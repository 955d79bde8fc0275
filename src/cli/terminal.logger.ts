import type { LoggerService } from '@nestjs/common';
import { scrubText } from '../http/logging/scrub.js';

/** Nest tells a failed start itself, and then we tell it. */
const TOLD_TWICE = 'ExceptionHandler';

/** What goes wrong beside the answer, on stderr: stdout is the answer's alone. */
export class TerminalLogger implements LoggerService {
  constructor(private readonly write: (text: string) => void) {}

  log(): void {
    // Who did what is for the service's log; here the answer says it.
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.line('warning', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.line('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.line('error', message, rest);
  }

  private line(level: string, message: unknown, rest: readonly unknown[]): void {
    if (rest.at(-1) === TOLD_TWICE) return;
    this.write(`${level}: ${scrubText(message instanceof Error ? message.message : String(message))}\n`);
  }
}
