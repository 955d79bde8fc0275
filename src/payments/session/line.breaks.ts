import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { oneLine } from '../../http/validation/text.rules.js';

const LISTS = ['items', 'taxes', 'shipping', 'discounts'];

/**
 * Makes spaces of line breaks in the names of lines: the services that this one replaces passed them on. For
 * requests over NATS; it comes before validation, which refuses them.
 */
@Injectable()
export class LineBreaks implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const body: unknown = context.switchToRpc().getData();
    if (typeof body === 'object' && body !== null) {
      for (const [field, list] of Object.entries(body)) if (LISTS.includes(field)) joinNames(list);
    }
    return next.handle();
  }
}

function joinNames(lines: unknown): void {
  if (!Array.isArray(lines)) return;
  for (const line of lines) if (isNamed(line)) line.name = oneLine(line.name);
}

function isNamed(line: unknown): line is { name: string } {
  return typeof line === 'object' && line !== null && 'name' in line && typeof line.name === 'string';
}
