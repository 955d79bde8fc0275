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
  Res,
  UseFilters,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { TOKEN, TOKEN_RULE } from '../../customers/customer/customer.dto.js';
import { Public } from '../../http/access/access.guard.js';
import type { ServiceError } from '../../kernel/errors.js';
import { PageErrorFilter } from '../page/page.error.filter.js';
import { PageRenderer } from '../page/page.renderer.js';
import { AnswerFor, type Reader } from '../page/reader.js';
import type { Told } from '../payment/payment.message.js';
import type { Message, Texts } from '../texts/texts.en.js';
import { CardPageSource, continueUrlOf } from './card.page.js';
import { CardPages, toldAboutCard } from './card.pages.js';

/** The same as for every page, said of cards. */
@Injectable()
@Catch()
export class CardErrorFilter extends PageErrorFilter {
  protected override messageOf({ code }: ServiceError, { cards }: Texts): Message {
    if (code === 'invalid_request') return cards.incomplete;
    return code === 'not_found' ? cards.notFound : cards.unavailable;
  }
}

/** What the page tells when the provider's form is done. */
class FinishCardDto {
  /** As the form gave it; left out where the provider is asked. */
  @IsOptional()
  @Matches(TOKEN, { message: TOKEN_RULE })
  token?: string;
}

/** What the page's script is told about the card that was saved. */
interface SavedCardAnswer {
  saved: true;
  /** Null: it belongs to no customer here. */
  card: { brand: string | null; last4: string | null } | null;
  /** Of such a card: what the shop uses it with. */
  token: string | null;
  continueTo: string | null;
}

/** Where a customer saves a card. `?setup=<id>` names the setup that the page is about. */
@ApiExcludeController()
@Public()
@Controller('cards/new')
export class CardHttpController {
  constructor(
    private readonly setups: CardPageSource,
    private readonly pages: CardPages,
    private readonly renderer: PageRenderer,
  ) {}

  @Get()
  @UseFilters(CardErrorFilter)
  @Header('cache-control', 'no-store')
  async show(
    @Query('setup') id: unknown,
    @AnswerFor() reader: Reader,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Told> {
    const setup = await this.setups.get(id);
    if (reader.json) return toldAboutCard(setup, reader);
    return this.renderer.answer(reply, this.pages.show(setup, reader));
  }

  /** For the page's own script: errors are JSON for everybody. */
  @Post(':setupId')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async finish(@Param('setupId') id: string, @Body() body: FinishCardDto): Promise<SavedCardAnswer> {
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
