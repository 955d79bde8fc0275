import { Module } from '@nestjs/common';
import { ReturnUrls } from '../http/return.urls.js';
import { OperationsModule } from '../operations/operations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { CardSetups } from './card/card.setups.js';
import { SetupOpener, SetupsService } from './card/setups.service.js';
import { SourcesService } from './card/sources.service.js';
import { CardStore } from './customer/card.store.js';
import { CustomerDirectory } from './customer/customer.directory.js';
import { CustomerCalls, CustomerOperations } from './customer/customer.operations.js';
import { CustomerStore } from './customer/customer.store.js';
import { CustomerApplier, CustomerTruth } from './customer/customer.truth.js';
import { CustomersService } from './customer/customers.service.js';
import {
  CustomersHttpController,
  SourcesHttpController,
  TokensHttpController,
} from './customers.http.controller.js';
import { CustomersNatsController } from './customers.nats.controller.js';

/** Who pays more than once: customers, the cards that providers keep for them, and the forms that save those. */
@Module({
  imports: [OperationsModule, OutboxModule],
  controllers: [
    CustomersHttpController,
    SourcesHttpController,
    TokensHttpController,
    CustomersNatsController,
  ],
  providers: [
    ...[CustomerStore, CardStore, CustomerApplier, CustomerTruth],
    ...[CustomerOperations, CustomerCalls, CustomerDirectory, CustomersService],
    ...[SourcesService, SetupOpener, SetupsService, CardSetups, ReturnUrls],
  ],
  exports: [
    ...[CustomersService, CustomerStore, CustomerDirectory, CustomerTruth, CardSetups, CardStore],
    ...[ReturnUrls, OperationsModule, OutboxModule],
  ],
})
export class CustomersModule {}
