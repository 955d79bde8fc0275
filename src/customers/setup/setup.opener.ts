import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import { Database } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { assertDone, OperationExecutor } from '../../operations/operation.executor.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import type { SavesCards } from '../../providers/card.setups.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { CardSetupStore } from './card.setup.store.js';
import type { CardSetupRow } from './card.setup.tables.js';

export interface SetupWish {
  provider: PaymentProvider & SavesCards;
  /** Whom the card is for: our id and the provider's. */
  customer?: { id: string; providerCustomerId: string } | undefined;
  successUrl?: string | undefined;
  locale?: string | undefined;
  caller: Caller;
}

@Injectable()
export class SetupStores {
  constructor(
    readonly setups: CardSetupStore,
    readonly operations: OperationStore,
    readonly ids: Ids,
  ) {}
}

/** Opens forms for cards: the row is written before the provider is asked, with the call that opens it. */
@Injectable()
export class SetupOpener {
  constructor(
    private readonly database: Database,
    private readonly stores: SetupStores,
    private readonly executor: OperationExecutor,
    private readonly service: ServiceSettings,
  ) {}

  /**
   * The form that an earlier attempt has opened, else a new one.
   * @throws ServiceError unknown_outcome (with `details.setupId`), operation_in_doubt, what the provider refuses.
   */
  async openOnce(wish: SetupWish, resource: RememberedResource): Promise<CardSetupRow> {
    const left = resource.id === undefined ? undefined : await this.leftover(resource.id);
    if (left !== undefined && left.operation === undefined) return left.setup;
    const id = left?.setup.id ?? this.stores.ids.next();
    await resource.remember(id);
    return this.execute(left?.operation ?? (await this.record(id, wish)), `api:${wish.caller.name}`);
  }

  /** Our page that shows the form. */
  pageOf(setupId: string): string {
    return `${this.service.publicUrl}/cards/new?setup=${setupId}`;
  }

  private async leftover(id: string): Promise<{ setup: CardSetupRow; operation?: Operation } | undefined> {
    return this.database.transaction(async (tx) => {
      const setup = await this.stores.setups.lock(tx, id);
      if (setup === undefined || setup.state === 'failed') return undefined;
      if (setup.state !== 'opening') return { setup };
      const unsettled = await this.stores.operations.unsettledOf(tx, id);
      const operation = unsettled && (await this.stores.operations.takeOver(tx, unsettled.id));
      if (operation === undefined)
        throw new ServiceError('operation_in_doubt', 'this form is still being opened', { setupId: id });
      return { setup, operation };
    });
  }

  private record(id: string, wish: SetupWish): Promise<Operation> {
    const { provider, customer, successUrl, locale, caller } = wish;
    const request = provider.cardSetups.plan({
      setupId: id,
      providerCustomerId: customer?.providerCustomerId,
      returnUrl: this.pageOf(id),
      locale,
    });
    return this.database.transaction(async (tx) => {
      const { name, livemode } = provider;
      const row = {
        id,
        customerId: customer?.id,
        provider: name,
        livemode,
        successUrl,
        locale,
        caller: caller.group,
      };
      await this.stores.setups.insert(tx, { ...row, state: 'opening' });
      return this.stores.operations.prepare(tx, {
        id: this.stores.ids.next(),
        subjectId: id,
        provider: name,
        kind: 'create_card_setup',
        request: { ...request },
      });
    });
  }

  private async execute(operation: Operation, cause: Cause): Promise<CardSetupRow> {
    const { subjectId: setupId } = operation;
    assertDone(await this.executor.execute(operation, cause), { setupId });
    const setup = await this.stores.setups.find(this.database.db, setupId);
    if (setup === undefined) throw new Error(`card setup ${setupId} is gone`);
    return setup;
  }
}
