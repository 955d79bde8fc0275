import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { Clock } from '../../kernel/clock.js';
import { withSessionId } from '../../kernel/web.address.js';
import type { Operation } from '../../operations/operation.store.js';
import { NewSessionStores } from '../session/new.session.writer.js';
import { ReturnUrls } from '../session/return.urls.js';
import type { ChargeRequest, PlannedCharge } from './charge.request.js';

/** Plans a charge, and records a new payment together with the exact call that will make it. */
@Injectable()
export class ChargeWriter {
  constructor(
    private readonly stores: NewSessionStores,
    private readonly urls: ReturnUrls,
    private readonly clock: Clock,
  ) {}

  /** Pure. @throws ServiceError what the provider cannot do, by name. */
  plan(request: ChargeRequest, paymentId: string): PlannedCharge {
    const { provider, customerId: _ours, returnUrl: wished, ...asked } = request;
    // A charge has no session.
    const returnUrl = withSessionId(wished ?? this.urls.resultPage(paymentId), paymentId);
    return { paymentId, request, call: provider.charges.plan({ ...asked, paymentId, returnUrl }) };
  }

  async write(tx: Tx, { paymentId: id, request, call }: PlannedCharge, caller: Caller): Promise<Operation> {
    const { stores, urls } = this;
    const { name, livemode } = request.provider;
    const payment = await stores.payments.insert(tx, {
      id,
      orderId: request.orderId ?? null,
      customerId: request.customerId ?? null,
      provider: name,
      livemode,
      status: 'created',
      amount: request.money.amount,
      currency: request.money.currency,
      capture: request.capture,
      successUrl: withSessionId(request.returnUrl ?? urls.successFor(name, id), id),
      cancelUrl: withSessionId(request.returnUrl ?? urls.cancelFor(name, id), id),
      items: request.items.map((item) => ({ ...item, unitAmount: item.unitAmount.toString() })),
      metadata: { ...request.metadata },
      caller: caller.group,
      version: 0,
    });
    const changes = stores.writer.changesTo(payment, `api:${caller.name}`);
    changes.step({ fact: 'created', event: 'payment.created', occurredAt: this.clock.now() });
    await stores.writer.write(tx, changes);
    return stores.operations.prepare(tx, {
      id: stores.ids.next(),
      subjectId: id,
      provider: name,
      kind: 'charge',
      request: { ...call },
    });
  }
}
