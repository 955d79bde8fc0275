import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NATS_CALLER } from '../http/access/caller.js';
import { CreateSetupDto } from './card/setup.dto.js';
import { SetupsService } from './card/setups.service.js';
import {
  CreateNamedSourceDto,
  ListSourcesDto,
  RemoveNamedSourceDto,
  SourceIdDto,
} from './card/source.dto.js';
import { SourcesService } from './card/sources.service.js';
import { CustomerIdDto, ListCustomersDto, UpdateNamedCustomerDto } from './customer/customer.dto.js';
import type {
  CustomerList,
  CustomerResource,
  PaymentSourceList,
  PaymentSourceResource,
} from './customer/customer.view.js';
import { CustomersService } from './customer/customers.service.js';

/** The same over NATS; the broker decides who may. */
@Controller()
export class CustomersNatsController {
  constructor(
    private readonly customers: CustomersService,
    private readonly sources: SourcesService,
    private readonly setups: SetupsService,
  ) {}

  @MessagePattern('payments.customers.get')
  get(@Payload() body: CustomerIdDto): Promise<CustomerResource> {
    return this.customers.get(body.customerId, NATS_CALLER);
  }

  @MessagePattern('payments.customers.list')
  list(@Payload() query: ListCustomersDto): Promise<CustomerList> {
    return this.customers.list(query, NATS_CALLER);
  }

  @MessagePattern('payments.customers.update')
  update(@Payload() { customerId, ...changes }: UpdateNamedCustomerDto): Promise<CustomerResource> {
    return this.customers.update(customerId, changes, NATS_CALLER);
  }

  @MessagePattern('payments.customers.delete')
  delete(@Payload() body: CustomerIdDto): Promise<CustomerResource> {
    return this.customers.delete(body.customerId, NATS_CALLER);
  }

  @MessagePattern('payments.sources.list')
  listSources(@Payload() { customerId, ...page }: ListSourcesDto): Promise<PaymentSourceList> {
    return this.sources.list(customerId, NATS_CALLER, page);
  }

  @MessagePattern('payments.sources.create')
  addSource(@Payload() { customerId, ...wish }: CreateNamedSourceDto): Promise<unknown> {
    return this.sources.add(customerId, wish, NATS_CALLER);
  }

  @MessagePattern('payments.sources.delete')
  removeSource(
    @Payload() { customerId, paymentSourceId, ...how }: RemoveNamedSourceDto,
  ): Promise<PaymentSourceResource> {
    return this.sources.remove(customerId, paymentSourceId, NATS_CALLER, how);
  }

  @MessagePattern('payments.sources.default')
  makeDefault(@Payload() body: SourceIdDto): Promise<PaymentSourceResource> {
    return this.sources.makeDefault(body.customerId, body.paymentSourceId, NATS_CALLER);
  }

  @MessagePattern('payments.tokens.create')
  openSetup(@Payload() body: CreateSetupDto): Promise<unknown> {
    return this.setups.open(body, NATS_CALLER);
  }
}
