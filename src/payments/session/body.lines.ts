import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { oneLine } from '../../http/validation/text.rules.js';
import { invalidField } from '../../kernel/errors.js';
import { MAX_ADJUSTMENTS, MAX_ITEMS } from './session.dto.js';

const BOUNDS = {
  items: MAX_ITEMS,
  taxes: MAX_ADJUSTMENTS,
  shipping: MAX_ADJUSTMENTS,
  discounts: MAX_ADJUSTMENTS,
};

/**
 * Refuses lists that are too long before anybody looks at their lines: guards come before validation, which goes
 * through all of them even where their number alone is wrong, and takes seconds for what fits one body.
 */
@Injectable()
export class ItemsBound implements CanActivate {
  /** @throws ServiceError invalid_request naming the list. */
  canActivate(context: ExecutionContext): boolean {
    const body: unknown =
      context.getType() === 'http'
        ? context.switchToHttp().getRequest<{ body: unknown }>().body
        : context.switchToRpc().getData<unknown>();
    if (typeof body !== 'object' || body === null) return true;
    const fields = new Map<string, unknown>(Object.entries(body));
    for (const [field, most] of Object.entries(BOUNDS)) {
      const list = fields.get(field);
      if (Array.isArray(list) && list.length > most)
        throw invalidField(field, `must hold at most ${most} lines`);
    }
    return true;
  }
}

/**
 * Makes spaces of line breaks in the names of lines: the services that this one replaces passed them on. For
 * requests over NATS; it comes before validation, which refuses them.
 */
@Injectable()
export class LineBreaks implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const body: unknown = context.switchToRpc().getData();
    if (typeof body === 'object' && body !== null) {
      for (const [field, list] of Object.entries(body)) if (Object.hasOwn(BOUNDS, field)) joinNames(list);
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
