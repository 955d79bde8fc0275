import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import { Database } from '../../database/database.js';
import { type Caller, maySee, visibleTo } from '../../http/access/caller.js';
import { readPage } from '../../http/validation/page.dto.js';
import { ServiceError } from '../../kernel/errors.js';
import type { Money } from '../../kernel/money.js';
import { DEFAULT_PROVIDER } from '../../providers/provider.registry.js';
import type { ListPaymentsDto } from './payments.dto.js';
import { PaymentStore } from './payment.store.js';
import type { PaymentRow } from './payment.tables.js';
import { type PaymentResource, resourceOf } from './payment.view.js';

export class PaymentList {
  data!: PaymentResource[];
  /** Hand it back as `cursor` for the next page; null on the last one. */
  nextCursor!: string | null;
}

@Injectable()
export class PaymentsService {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentStore,
    private readonly service: ServiceSettings,
  ) {}

  /** @throws ServiceError not_found, also for a payment of another caller. */
  async get(id: string, caller: Caller): Promise<PaymentResource> {
    const payment = await this.payments.findById(this.database.db, id);
    if (payment === undefined || !maySee(caller, payment))
      throw new ServiceError('not_found', 'there is no such payment');
    return resourceOf(payment, this.service.publicUrl);
  }

  /** Newest first. */
  async list(query: ListPaymentsDto, caller: Caller): Promise<PaymentList> {
    const { from, to, ...wanted } = query;
    const filter = {
      ...wanted,
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
      callers: visibleTo(caller),
    };
    const { rows, nextCursor } = await readPage(
      query,
      (bounds) => this.payments.list(this.database.db, { ...filter, ...bounds }),
      ({ id }) => id,
    );
    return { data: rows.map((row) => resourceOf(row, this.service.publicUrl)), nextCursor };
  }

  /** For the customer's pages: an unguessable id is all that a browser shows. */
  find(id: string): Promise<PaymentRow | undefined> {
    return this.payments.findById(this.database.db, id);
  }

  /** What put it before a person, likewise. @returns undefined where nothing did, or the provider did not say how much. */
  received(id: string): Promise<Money | undefined> {
    return this.payments.received(this.database.db, id);
  }

  /** The same by the id of a session, which is as unguessable, at the provider that writes it into addresses. */
  findBySession(sessionId: string): Promise<PaymentRow | undefined> {
    return this.payments.findBySession(this.database.db, DEFAULT_PROVIDER, sessionId);
  }
}
