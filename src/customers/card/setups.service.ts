import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { IdempotencyService, type RememberedResource } from '../../http/idempotency/idempotency.service.js';
import { ReturnUrls } from '../../http/return.urls.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { assertDone } from '../../operations/operation.executor.js';
import {
  type Answer,
  callOf,
  type OperationHandler,
  OperationHandlers,
} from '../../operations/operation.handler.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import { OperationTurn } from '../../operations/operation.turn.js';
import { andThen, known } from '../../providers/provider.calls.js';
import type { With } from '../../providers/provider.port.js';
import { firstAble, ProviderRegistry } from '../../providers/provider.registry.js';
import { CardStore } from '../customer/card.store.js';
import { CustomerDirectory } from '../customer/customer.directory.js';
import type { CardSetupRow } from '../customer/customer.tables.js';
import { type CreateSetupDto, setupAnswer } from './setup.dto.js';

interface NewSetup {
  provider: With<'cardSetups'>;
  /** Whom the card is for: our id and the provider's. */
  customer?: { id: string; providerCustomerId: string } | undefined;
  successUrl?: string | undefined;
  locale?: string | undefined;
  caller: Caller;
}

/** Opens forms for cards: the row is written before the provider is asked, with the call that opens it. */
@Injectable()
export class SetupOpener implements OperationHandler {
  constructor(
    handlers: OperationHandlers,
    private readonly turn: OperationTurn,
    private readonly operations: OperationStore,
    private readonly cards: CardStore,
    private readonly providers: ProviderRegistry,
    private readonly ids: Ids,
    private readonly service: ServiceSettings,
  ) {
    handlers.register(['create_card_setup'], this);
  }

  /**
   * The form that an earlier attempt has opened, else a new one.
   * @throws ServiceError unknown_outcome (with `details.setupId`), operation_in_doubt, what the provider refuses.
   */
  async openOnce(asked: NewSetup, resource: RememberedResource): Promise<CardSetupRow> {
    const left = resource.id === undefined ? undefined : await this.take(resource.id, asked.caller);
    if (left !== undefined) return left;
    const id = this.ids.next();
    await resource.remember(id);
    const { customer, successUrl, locale, caller } = asked;
    const { name: provider, livemode, cardSetups } = asked.provider;
    const { id: customerId, providerCustomerId } = customer ?? {};
    const input = { setupId: id, providerCustomerId, returnUrl: this.pageOf(id), locale };
    const request = { ...cardSetups.request(input) };
    const row = { id, state: 'opening', customerId, provider, livemode, successUrl, locale } as const;
    const opened = await this.take(id, caller, async (tx) => {
      await this.cards.insertSetup(tx, { ...row, caller: caller.group });
      const kind = 'create_card_setup';
      return this.operations.prepare(tx, { id: this.ids.next(), subjectId: id, provider, kind, request });
    });
    if (opened === undefined) throw new Error(`card setup ${id} is gone`);
    return opened;
  }

  pageOf(setupId: string): string {
    return `${this.service.publicUrl}/cards/new?setup=${setupId}`;
  }

  lock(tx: Tx, { subjectId }: Operation): Promise<unknown> {
    return this.cards.lockSetup(tx, subjectId);
  }

  async call(operation: Operation): Promise<Answer> {
    const { cardSetups } = this.providers.with(operation.provider, 'cardSetups');
    return andThen(cardSetups.create(callOf(operation)), (setup) =>
      known((tx) => this.cards.markSetupAnswered(tx, operation.subjectId, setup)),
    );
  }

  refused(tx: Tx, { subjectId }: Operation): Promise<void> {
    return this.cards.markSetupAnswered(tx, subjectId);
  }

  /** @param record what opens it where it is not there. @returns undefined where it neither is open nor will be. */
  private take(
    setupId: string,
    { name }: Caller,
    record?: (tx: Tx) => Promise<Operation>,
  ): Promise<CardSetupRow | undefined> {
    return this.turn.take<CardSetupRow | undefined>(
      {
        subject: `card-form:${setupId}`,
        noun: 'card form',
        details: { setupId },
        decide: async (tx) => {
          const setup = await this.cards.lockSetup(tx, setupId);
          if (setup === undefined && record !== undefined)
            return { kind: 'call', operations: [await record(tx)] };
          if (setup?.state !== 'opening')
            return { kind: 'settled', value: setup?.state === 'failed' ? undefined : setup };
          const earlier = await this.turn.leftBehind(tx, setupId);
          if (earlier?.kind === 'earlier') return earlier;
          throw new ServiceError('operation_in_doubt', 'this form is still being opened', { setupId });
        },
        settled: (_operation, settlement) => assertDone(settlement, { setupId }),
        result: () => Promise.resolve(undefined),
      },
      `api:${name}`,
    );
  }
}

/** `POST /tokens`: a form on which a customer gives a card to the provider. */
@Injectable()
export class SetupsService {
  constructor(
    private readonly directory: CustomerDirectory,
    private readonly providers: ProviderRegistry,
    private readonly urls: ReturnUrls,
    private readonly opener: SetupOpener,
    private readonly idempotency: IdempotencyService,
  ) {}

  /**
   * The same answer for the same Idempotency-Key.
   * @returns a SetupAnswer, as it was stored under the key.
   * @throws ServiceError not_found for the customer, invalid_request naming `successUrl`, unknown_outcome (with
   * `details.setupId`), and what the provider cannot do by name.
   */
  async open(dto: CreateSetupDto, caller: Caller, key?: string): Promise<unknown> {
    const successUrl = this.urls.check(dto.successUrl, 'successUrl');
    const once = { caller: caller.group, key, operation: 'open-card-setup', request: dto };
    return this.idempotency.make(once, async (resource) => {
      const setup = await this.opener.openOnce(await this.newSetup({ ...dto, successUrl }, caller), resource);
      return setupAnswer(setup, this.opener.pageOf(setup.id));
    });
  }

  private async newSetup(dto: CreateSetupDto, caller: Caller): Promise<NewSetup> {
    const { customerId, successUrl, locale } = dto;
    const asked = { successUrl, locale, caller };
    if (customerId === undefined) {
      // No currency has a say in it.
      const able = this.providers.candidatesWith('cardSetups', '*', dto.provider);
      return { ...asked, provider: await firstAble(able, (one) => one) };
    }
    const customer = await this.directory.get(customerId, caller);
    const provider = this.providers.with(dto.provider ?? customer.provider, 'cardSetups');
    // Also where the card is saved only afterwards: then it would be too late to say what the provider misses.
    const providerCustomerId = await this.directory.accountAt(customer, provider.name, `api:${caller.name}`);
    return { ...asked, provider, customer: { id: customer.id, providerCustomerId } };
  }
}
