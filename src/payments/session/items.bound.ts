import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { invalidField } from '../../kernel/errors.js';
import { MAX_ADJUSTMENTS, MAX_ITEMS } from './create-session.dto.js';

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
