import { Catch, Injectable } from '@nestjs/common';
import type { ServiceError } from '../../kernel/errors.js';
import { PageErrorFilter } from '../page/page.error.filter.js';
import type { Message, Texts } from '../texts/texts.js';

/** The same as for every page, said of cards. */
@Injectable()
@Catch()
export class CardErrorFilter extends PageErrorFilter {
  protected override messageOf({ code }: ServiceError, { cards }: Texts): Message {
    if (code === 'invalid_request') return cards.incomplete;
    return code === 'not_found' ? cards.notFound : cards.unavailable;
  }
}
