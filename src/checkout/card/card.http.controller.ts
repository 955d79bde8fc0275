import {
  Body,
  Catch,
  Controller,
  Get,
  Header,
  HttpCode,
  Injectable,
  Param,
  Post,
  Query,
  UseFilters,
  UseInterceptors,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { TOKEN, TOKEN_RULE } from '../../customers/customer/customer.dto.js';
import { Public } from '../../http/access/access.guard.js';
import type { ServiceError } from '../../kernel/errors.js';
import { PageErrorFilter } from '../page/page.error.filter.js';
import { type Page, PageRenderer } from '../page/page.renderer.js';
import { AnswerFor, type Reader } from '../page/reader.js';
import type { Told } from '../payment/payment.message.js';
import type { Message, Texts } from '../texts/texts.en.js';
import { CardPageSource, continueUrlOf } from './card.page.js';
import { CardForms, toldAboutCard } from './card.form.js';

@Injectable()
@Catch()
export class CardErrorFilter extends PageErrorFilter {
  protected override messageOf({ code }: ServiceError, { cards }: Texts): Message {
    if (code === 'invalid_request') return cards.incomplete;
    return code === 'not_found' ? cards.notFound : cards.unavailable;
  }
}

class FinishCardDto {
  /** Left out where the provider is asked. */
  @IsOptional()
  @Matches(TOKEN, { message: TOKEN_RULE })
  token?: string;
}

/** Where a customer saves a card. `?setup=<id>` names the setup that the page is about. */
@ApiExcludeController()
@Public()
@Controller('cards/new')
export class CardHttpController {
  constructor(
    private readonly setups: CardPageSource,
    private readonly pages: CardForms,
  ) {}

  @Get()
  @UseFilters(CardErrorFilter)
  @UseInterceptors(PageRenderer)
  @Header('cache-control', 'no-store')
  async show(@Query('setup') id: unknown, @AnswerFor() reader: Reader): Promise<Page | Told> {
    const setup = await this.setups.get(id);
    return reader.json ? toldAboutCard(setup, reader) : this.pages.show(setup, reader);
  }

  /** For the page's own script. `card` is null where it belongs to no customer here: the shop uses its `token`. */
  @Post(':setupId')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async finish(@Param('setupId') id: string, @Body() body: FinishCardDto): Promise<object> {
    const { setupId } = await this.setups.get(id);
    const setup = await this.setups.finish(setupId, body.token);
    const { card, token } = setup;
    return {
      saved: true,
      card: card === undefined ? null : { brand: card.brand ?? null, last4: card.last4 ?? null },
      token: token ?? null,
      continueTo: continueUrlOf(setup) ?? null,
    };
  }
}
