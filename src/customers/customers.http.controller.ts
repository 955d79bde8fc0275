import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '../http/access/caller.js';
import { IdempotencyKey } from '../http/idempotency/idempotency.service.js';
import { CreateSetupDto, SetupAnswer } from './card/setup.dto.js';
import { SetupsService } from './card/setups.service.js';
import { CreateSourceDto, RemoveSourceDto } from './card/source.dto.js';
import { SourcesService } from './card/sources.service.js';
import { ListCustomersDto, UpdateCustomerDto } from './customer/customer.dto.js';
import {
  CustomerList,
  CustomerResource,
  PaymentSourceList,
  PaymentSourceResource,
} from './customer/customer.view.js';
import { CustomersService } from './customer/customers.service.js';

@ApiTags('customers')
@ApiBearerAuth()
@Controller('customers')
export class CustomersHttpController {
  constructor(private readonly customers: CustomersService) {}

  /** Customers, newest first. */
  @Get()
  list(@Query() query: ListCustomersDto, @CurrentCaller() caller: Caller): Promise<CustomerList> {
    return this.customers.list(query, caller);
  }

  /** One customer, also after it was deleted. */
  @Get(':id')
  get(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<CustomerResource> {
    return this.customers.get(id, caller);
  }

  /** Changes a customer at every provider that has it. */
  @Patch(':id')
  update(
    @Param('id') id: string,
    @Body() body: UpdateCustomerDto,
    @CurrentCaller() caller: Caller,
  ): Promise<CustomerResource> {
    return this.customers.update(id, body, caller);
  }

  /** Deletes a customer and its cards at every provider. */
  @Delete(':id')
  delete(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<CustomerResource> {
    return this.customers.delete(id, caller);
  }
}

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
