import { asc, eq } from 'drizzle-orm';
import { CardAdder } from '../../../src/customers/card/card.adder.js';
import { CardChanges } from '../../../src/customers/card/card.changes.js';
import { CardStore, CardUses } from '../../../src/customers/card/card.store.js';
import { SourcesService } from '../../../src/customers/card/sources.service.js';
import { AccountStore } from '../../../src/customers/customer/account.store.js';
import { CapableProviders } from '../../../src/customers/customer/capable.providers.js';
import { CustomerApplier } from '../../../src/customers/customer/customer.applier.js';
import { CustomerCalls, CustomerRecorder } from '../../../src/customers/customer/customer.calls.js';
import { CustomerDirectory } from '../../../src/customers/customer/customer.directory.js';
import { CustomerAnswers, CustomerOperations } from '../../../src/customers/customer/customer.operations.js';
import { CustomerRows } from '../../../src/customers/customer/customer.rows.js';
import { CustomerStore } from '../../../src/customers/customer/customer.store.js';
import { CustomerReader, CustomerTruth } from '../../../src/customers/customer/customer.truth.js';
import { CustomerViews } from '../../../src/customers/customer/customer.views.js';
import { CustomerWriter } from '../../../src/customers/customer/customer.writer.js';
import { CustomerAccess, CustomersService } from '../../../src/customers/customer/customers.service.js';
import { NewCustomers } from '../../../src/customers/customer/new.customers.js';
import { CardSetupStore } from '../../../src/customers/setup/card.setup.store.js';
import { CardSetups, SetupRows } from '../../../src/customers/setup/card.setups.js';
import { SetupOpener, SetupStores } from '../../../src/customers/setup/setup.opener.js';
import { SetupOperations } from '../../../src/customers/setup/setup.operations.js';
import { CardWays, SetupSaver } from '../../../src/customers/setup/setup.saver.js';
import { SetupsService } from '../../../src/customers/setup/setups.service.js';
import { DatabaseClock } from '../../../src/database/database.clock.js';
import type { Database } from '../../../src/database/database.js';
import { AllowedOrigins } from '../../../src/http/allowed.origins.js';
import { IdempotencyService } from '../../../src/http/idempotency/idempotency.service.js';
import { IdempotencyStore } from '../../../src/http/idempotency/idempotency.store.js';
import { UuidV7Ids } from '../../../src/kernel/ids.js';
import { OperationExecutor } from '../../../src/operations/operation.executor.js';
import { OperationHandlers } from '../../../src/operations/operation.handler.js';
import { OperationStore } from '../../../src/operations/operation.store.js';
import { OutboxSignal } from '../../../src/outbox/outbox.signal.js';
import { OutboxStore } from '../../../src/outbox/outbox.store.js';
import { outbox } from '../../../src/outbox/outbox.tables.js';
import { ProviderHealth } from '../../../src/providers/provider.health.js';
import { ProviderRegistry } from '../../../src/providers/provider.registry.js';
import { SERVICE } from './domain.bed.js';
import { FakeCustomers } from './fake.customers.js';
import { TestClock } from './test.clock.js';

/** One process's worth of the customers' room around two providers in memory. */
export class CustomersBed {
  readonly main = new FakeCustomers('main');
  /** Gives the cards of its forms to the customer itself. */
  readonly other = new FakeCustomers('other', true);
  readonly clock: TestClock;
  readonly customers: CustomersService;
  readonly directory: CustomerDirectory;
  readonly truth: CustomerTruth;
  readonly sources: SourcesService;
  readonly tokens: SetupsService;
  readonly setups: CardSetups;
  private readonly operations = new OperationStore();
  private readonly executor: OperationExecutor;

  constructor(readonly database: Database) {
    this.clock = new TestClock(database);
    const ids = new UuidV7Ids(this.clock);
    const [signal, handlers, time] = [
      new OutboxSignal(),
      new OperationHandlers(),
      new DatabaseClock(database),
    ];
    const registry = new ProviderRegistry(
      [this.main, this.other],
      { routes: [] },
      new ProviderHealth(this.clock),
    );
    const providers = new CapableProviders(registry);
    const rows = new CustomerRows(new CustomerStore(), new AccountStore(), new CardStore());
    const writer = new CustomerWriter(rows, new OutboxStore(database), ids, this.clock, SERVICE);
    const uses = new CardUses();
    const applier = new CustomerApplier(rows, writer, ids, uses);
    const setups = new CardSetupStore();
    const answers = new CustomerAnswers(applier, rows, setups, ids);
    new CustomerOperations(handlers, answers, this.operations, providers, time);
    new SetupOperations(handlers, setups, providers);
    this.executor = new OperationExecutor(database, this.operations, handlers);
    const reader = new CustomerReader(time, providers);
    this.truth = new CustomerTruth(database, reader, rows.accounts, applier, signal);
    const recorder = new CustomerRecorder(database, rows.customers, this.operations, providers, ids);
    const calls = new CustomerCalls(recorder, this.executor, answers, this.truth, signal);
    this.directory = new CustomerDirectory(database, rows, calls, providers);
    const access = new CustomerAccess(database, rows, new CustomerViews(database, rows));
    const newcomers = new NewCustomers(database, rows, recorder, providers);
    this.customers = new CustomersService(access, this.directory, calls, newcomers, ids);
    const idempotency = new IdempotencyService(database, new IdempotencyStore());
    const adder = new CardAdder(database, rows, this.directory, calls, ids);
    const changes = new CardChanges(database, rows, calls, uses);
    this.sources = new SourcesService(this.directory, adder, changes, idempotency);
    const stores = new SetupStores(setups, this.operations, ids);
    const opener = new SetupOpener(database, stores, this.executor, SERVICE);
    const origins = new AllowedOrigins({ success: {}, cancel: {} }, SERVICE);
    this.tokens = new SetupsService(this.directory, providers, origins, opener, idempotency);
    const saver = new SetupSaver(database, setups, rows, providers, new CardWays(adder, changes, this.truth));
    this.setups = new CardSetups(new SetupRows(database, setups, rows), providers, saver, this.clock);
  }

  /** As the janitor does, when every lease has run out. */
  async settle(): Promise<void> {
    await this.clock.advance(60);
    for (const operation of await this.operations.claimAbandoned(this.database.db, 10))
      await this.executor.execute(operation, 'janitor');
  }

  /** What the world was told of a customer, oldest first. */
  async events(customerId: string): Promise<Record<string, unknown>[]> {
    const rows = await this.database.db
      .select()
      .from(outbox)
      .where(eq(outbox.key, customerId))
      .orderBy(asc(outbox.seq));
    return rows.map(({ body }) => JSON.parse(body).data);
  }
}
