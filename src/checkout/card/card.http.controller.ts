import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../http/access/public.decorator.js';
import { PageRenderer } from '../page/page.renderer.js';
import { AnswerFor, type Reader } from '../reader/reader.js';
import type { Told } from '../result/payment.message.js';
import { CardErrorFilter } from './card.error.filter.js';
import { toldAboutCard } from './card.message.js';
import { CardPages } from './card.pages.js';
import { CardPagesService, type SavedCardAnswer } from './card.pages.service.js';
import { FinishCardDto } from './finish-card.dto.js';

/** Where a customer saves a card. `?setup=<id>` names the setup that the page is about. */
@ApiExcludeController()
@Public()
@Controller('cards/new')
export class CardHttpController {
  constructor(
    private readonly cards: CardPagesService,
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
    const setup = await this.cards.get(id);
    if (reader.json) return toldAboutCard(setup, reader);
    return this.renderer.answer(reply, this.pages.show(setup, reader));
  }

  /** For the page's own script: errors are JSON for everybody. */
  @Post(':setupId')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  finish(@Param('setupId') id: string, @Body() { token }: FinishCardDto): Promise<SavedCardAnswer> {
    return this.cards.finish(id, token);
  }
}
