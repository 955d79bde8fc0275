import type { LoggerService } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Level, type Logger, pino, stdTimeFunctions } from 'pino';
import type { ServiceSettings } from '../../config/settings.js';
import { scrubText, toLogValue } from './scrub.js';

/** Contexts in which Nest tells at every start what the code says already. */
const FRAMEWORK_NOISE = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

/** Nest's logger: scrubbed lines of JSON on stdout, with the id of their request. Set it with `app.useLogger`. */
export class PinoLogger implements LoggerService {
  private readonly pino: Logger;

  /** @param destination replaces stdout (tests). */
  constructor(settings: Pick<ServiceSettings, 'logLevel'>, destination?: DestinationStream) {
    const options = {
      level: settings.logLevel,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      // Errors are serialised, and scrubbed, before they come here.
      serializers: { err: (value: unknown) => value },
    };
    this.pino = destination === undefined ? pino(options) : pino(options, destination);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest calls `error(message, stack?, context?)`; an Error may stand anywhere. */
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK_NOISE.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  info(fields: Record<string, unknown>, message: string): void {
    if (this.pino.isLevelEnabled('info')) this.pino.info(this.record(fields), scrubText(message));
  }

  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const { context, stack, others } = nestArguments(rest);
    const fields: Record<string, unknown> = { context, stack };
    const parts = [message, ...others];
    const error = parts.find((part) => part instanceof Error);
    const objects = parts.filter((part) => typeof part === 'object' && part !== null && part !== error);
    if (error !== undefined) fields.err = error;
    if (objects.length > 0) fields.data = objects.length === 1 ? objects[0] : objects;
    const texts = parts.filter((part) => typeof part !== 'object' && part !== undefined).map(String);
    const text = texts.length > 0 ? texts.join(' ') : (error?.message.split('\n')[0] ?? '');
    this.pino[level](this.record(fields), scrubText(text));
  }

  private record(fields: Record<string, unknown>): Record<string, unknown> {
    const all = Object.entries({ requestId: requestIds.getStore(), ...fields });
    const present = all.filter(([, value]) => value !== undefined);
    return Object.fromEntries(present.map(([key, value]) => [key, toLogValue(value)]));
  }
}

/** Nest appends the context as the last argument, and for errors a stack before it. */
function nestArguments(rest: readonly unknown[]): { context?: unknown; stack?: unknown; others: unknown[] } {
  const others = rest.filter((part) => part !== undefined);
  const context = typeof others.at(-1) === 'string' && !isStack(others.at(-1)) ? others.pop() : undefined;
  const stack = isStack(others.at(-1)) ? others.pop() : undefined;
  return { context, stack, others };
}

function isStack(part: unknown): boolean {
  return typeof part === 'string' && part.includes('\n    at ');
}

const requestIds = new AsyncLocalStorage<string>();

/** Runs `work`, and all that it starts, as part of the request with this id. */
export function inRequest<T>(requestId: string, work: () => T): T {
  return requestIds.run(requestId, work);
}
