import { Body, Controller, Delete, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import { ListCustomersDto, UpdateCustomerDto } from './customer.dto.js';
import { CustomerList, CustomerResource } from './customer.view.js';
import { CustomersService } from './customers.service.js';

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
