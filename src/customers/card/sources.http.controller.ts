import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import { IdempotencyKey } from '../../http/idempotency/idempotency.service.js';
import { PaymentSourceList, PaymentSourceResource } from '../customer/customer.view.js';
import { CreateSetupDto, SetupAnswer } from './setup.dto.js';
import { SetupsService } from './setups.service.js';
import { CreateSourceDto, RemoveSourceDto } from './source.dto.js';
import { SourcesService } from './sources.service.js';

@ApiTags('payment sources')
@ApiBearerAuth()
@Controller('customers/:id/payment-sources')
export class SourcesHttpController {
  constructor(private readonly sources: SourcesService) {}

  /** The customer's saved cards. */
  @Get()
  list(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<PaymentSourceList> {
    return this.sources.list(id, caller);
  }

  /** Saves the card that a token stands for. */
  @Post()
  @HttpCode(201)
  @ApiCreatedResponse({ type: PaymentSourceResource })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  add(
    @Param('id') id: string,
    @Body() body: CreateSourceDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    return this.sources.add(id, body, caller, key);
  }

  /** Removes a card; answers what it was. One that a subscription charges only with `force=true`. */
  @Delete(':sourceId')
  remove(
    @Param('id') id: string,
    @Param('sourceId') sourceId: string,
    @Query() how: RemoveSourceDto,
    @CurrentCaller() caller: Caller,
  ): Promise<PaymentSourceResource> {
    return this.sources.remove(id, sourceId, caller, how);
  }

  /** Makes a card the one that its provider charges where none is named. */
  @Put(':sourceId/default')
  makeDefault(
    @Param('id') id: string,
    @Param('sourceId') sourceId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<PaymentSourceResource> {
    return this.sources.makeDefault(id, sourceId, caller);
  }
}

@ApiTags('payment sources')
@ApiBearerAuth()
@Controller('tokens')
export class TokensHttpController {
  constructor(private readonly setups: SetupsService) {}

  /** Opens a form on which a customer gives one card to the provider; its number never comes here. */
  @Post()
  @HttpCode(201)
  @ApiCreatedResponse({ type: SetupAnswer })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  open(
    @Body() body: CreateSetupDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    return this.setups.open(body, caller, key);
  }
}
