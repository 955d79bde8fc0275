import { asc, eq } from 'drizzle-orm';
import { CardSetups } from '../../../src/customers/card/card.setups.js';
import { SetupOpener, SetupsService } from '../../../src/customers/card/setups.service.js';
import { SourcesService } from '../../../src/customers/card/sources.service.js';
import { CardStore } from '../../../src/customers/customer/card.store.js';
import { CustomerDirectory } from '../../../src/customers/customer/customer.directory.js';
import { CustomerCalls, CustomerOperations } from '../../../src/customers/customer/customer.operations.js';
import { CustomerStore } from '../../../src/customers/customer/customer.store.js';
import { CustomerApplier, CustomerTruth } from '../../../src/customers/customer/customer.truth.js';
import { CustomersService } from '../../../src/customers/customer/customers.service.js';
import { DatabaseClock } from '../../../src/database/service.store.js';
import type { Database } from '../../../src/database/database.js';
import { IdempotencyService } from '../../../src/http/idempotency/idempotency.service.js';
import { IdempotencyStore } from '../../../src/http/idempotency/idempotency.store.js';
import { ReturnUrls } from '../../../src/http/return.urls.js';
import { Ids } from '../../../src/kernel/ids.js';
import { OperationExecutor } from '../../../src/operations/operation.executor.js';
import { OperationHandlers } from '../../../src/operations/operation.handler.js';
import { OperationStore } from '../../../src/operations/operation.store.js';
import { OperationTurn } from '../../../src/operations/operation.turn.js';
import { OutboxSignal } from '../../../src/outbox/outbox.signal.js';
import { OutboxStore } from '../../../src/outbox/outbox.store.js';
import { outbox } from '../../../src/outbox/outbox.tables.js';
import { ProviderHealth, ProviderRegistry } from '../../../src/providers/provider.registry.js';
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
    const ids = new Ids(this.clock);
    const [signal, handlers, time] = [
      new OutboxSignal(),
      new OperationHandlers(),
      new DatabaseClock(database),
    ];
    const providers = new ProviderRegistry(
      [this.main, this.other],
      { routes: [] },
      new ProviderHealth(this.clock),
    );
    const [customers, cards] = [new CustomerStore(), new CardStore()];
    const { operations, clock } = this;
    const applier = new CustomerApplier(customers, cards, new OutboxStore(database), ids, clock, SERVICE);
    this.truth = new CustomerTruth(database, customers, applier, providers, time, signal);
    const handler = new CustomerOperations(handlers, operations, customers, cards, applier, providers, time);
    this.executor = new OperationExecutor(database, operations, handlers);
    const turn = new OperationTurn(database, operations, this.executor, signal, clock);
    const calls = new CustomerCalls(turn, operations, customers, providers, ids, handler, this.truth);
    this.directory = new CustomerDirectory(database, customers, cards, calls, providers);
    this.customers = new CustomersService(database, customers, cards, this.directory, calls, providers, ids);
    const idempotency = new IdempotencyService(database, new IdempotencyStore());
    this.sources = new SourcesService(database, cards, customers, this.directory, calls, ids, idempotency);
    const opener = new SetupOpener(handlers, turn, operations, cards, providers, ids, SERVICE);
    const urls = new ReturnUrls({ success: {}, cancel: {} }, SERVICE);
    this.tokens = new SetupsService(this.directory, providers, urls, opener, idempotency);
    const { sources, truth } = this;
    this.setups = new CardSetups(database, customers, cards, sources, providers, truth, clock);
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
