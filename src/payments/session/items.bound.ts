import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { invalidField } from '../../kernel/errors.js';
import { MAX_ITEMS } from './create-session.dto.js';

/**
 * Refuses a list of items that is too long before anybody looks at its lines: guards come before validation, which
 * goes through all of them even where their number alone is wrong, and takes seconds for what fits one body.
 */
@Injectable()
export class ItemsBound implements CanActivate {
  /** @throws ServiceError invalid_request naming `items`. */
  canActivate(context: ExecutionContext): boolean {
    const body: unknown =
      context.getType() === 'http'
        ? context.switchToHttp().getRequest<{ body: unknown }>().body
        : context.switchToRpc().getData<unknown>();
    if (lengthOfItems(body) > MAX_ITEMS) throw invalidField('items', `must hold at most ${MAX_ITEMS} lines`);
    return true;
  }
}

function lengthOfItems(body: unknown): number {
  if (typeof body !== 'object' || body === null || !('items' in body)) return 0;
  return Array.isArray(body.items) ? body.items.length : 0;
}
