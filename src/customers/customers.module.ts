import { Module } from '@nestjs/common';
import { AllowedOrigins } from '../http/allowed.origins.js';
import { OperationsModule } from '../operations/operations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { CardAdder } from './card/card.adder.js';
import { CardChanges } from './card/card.changes.js';
import { CardStore, CardUses } from './card/card.store.js';
import { SourcesHttpController } from './card/sources.http.controller.js';
import { SourcesService } from './card/sources.service.js';
import { AccountStore } from './customer/account.store.js';
import { CapableProviders } from './customer/capable.providers.js';
import { CustomerApplier } from './customer/customer.applier.js';
import { CustomerCalls, CustomerRecorder } from './customer/customer.calls.js';
import { CustomerDirectory } from './customer/customer.directory.js';
import { CustomerAnswers, CustomerOperations } from './customer/customer.operations.js';
import { CustomerRows } from './customer/customer.rows.js';
import { CustomerStore } from './customer/customer.store.js';
import { CustomerReader, CustomerTruth } from './customer/customer.truth.js';
import { CustomerViews } from './customer/customer.views.js';
import { CustomerWriter } from './customer/customer.writer.js';
import { CustomersHttpController } from './customer/customers.http.controller.js';
import { CustomerAccess, CustomersService } from './customer/customers.service.js';
import { NewCustomers } from './customer/new.customers.js';
import { CustomersNatsController } from './customers.nats.controller.js';
import { CardSetupStore } from './setup/card.setup.store.js';
import { CardSetups, SetupRows } from './setup/card.setups.js';
import { SetupOpener, SetupStores } from './setup/setup.opener.js';
import { SetupOperations } from './setup/setup.operations.js';
import { CardWays, SetupSaver } from './setup/setup.saver.js';
import { SetupsService } from './setup/setups.service.js';
import { TokensHttpController } from './setup/tokens.http.controller.js';

const STORES = [
  CustomerStore,
  AccountStore,
  CardStore,
  CardUses,
  CardSetupStore,
  CustomerRows,
  SetupStores,
  SetupRows,
];
const CALLS = [
  CapableProviders,
  CustomerAnswers,
  CustomerOperations,
  CustomerRecorder,
  CustomerCalls,
  SetupOperations,
];
const FACTS = [CustomerWriter, CustomerApplier, CustomerReader, CustomerTruth];
const CUSTOMERS = [CustomersService, CustomerAccess, NewCustomers, CustomerViews, CustomerDirectory];
const CARDS = [SourcesService, CardAdder, CardChanges];
const SETUPS = [SetupsService, SetupOpener, SetupSaver, CardWays, CardSetups, AllowedOrigins];

/** Who pays more than once: customers, the cards that providers keep for them, and the forms that save those. */
@Module({
  imports: [OperationsModule, OutboxModule],
  controllers: [
    CustomersHttpController,
    SourcesHttpController,
    TokensHttpController,
    CustomersNatsController,
  ],
  providers: [...STORES, ...CALLS, ...FACTS, ...CUSTOMERS, ...CARDS, ...SETUPS],
  exports: [
    CustomersService,
    CustomerViews,
    CustomerDirectory,
    CustomerTruth,
    CardSetups,
    CardUses,
    OperationsModule,
    OutboxModule,
  ],
})
export class CustomersModule {}
