import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { withSessionId } from '../../kernel/web.address.js';
import type { PaymentProvider, ProviderCall, SessionAdjustment } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { PaymentRow, StoredAdjustment } from '../payment/payment.tables.js';
import { PaymentWriter } from '../payment/payment.writer.js';
import { ReturnUrls } from './return.urls.js';
import { contentHash, sessionInput, type SessionRequest } from './session.request.js';

interface Plan {
  provider: PaymentProvider;
  request: ProviderCall['request'];
  successUrl: string;
  cancelUrl: string;
}

@Injectable()
export class NewSessionStores {
  constructor(
    readonly payments: PaymentStore,
    readonly operations: OperationStore,
    readonly writer: PaymentWriter,
    readonly ids: Ids,
  ) {}
}

/** Records a new payment together with the exact call that will open its session. */
@Injectable()
export class NewSessionWriter {
  constructor(
    private readonly stores: NewSessionStores,
    private readonly providers: ProviderRegistry,
    private readonly urls: ReturnUrls,
    private readonly clock: Clock,
  ) {}

  async write(
    tx: Tx,
    request: SessionRequest,
    caller: Caller,
  ): Promise<{ payment: PaymentRow; operation: Operation }> {
    const id = this.stores.ids.next();
    const plan = this.plan(request, id);
    const payment = await this.stores.payments.insert(tx, {
      id,
      orderId: request.orderId,
      customerId: request.ourCustomerId ?? null,
      provider: plan.provider.name,
      livemode: plan.provider.livemode,
      status: 'created',
      amount: request.money.amount,
      currency: request.money.currency,
      capture: request.capture,
      ui: request.ui,
      successUrl: plan.successUrl,
      cancelUrl: plan.cancelUrl,
      items: request.items.map((item) => ({ ...item, unitAmount: item.unitAmount.toString() })),
      adjustments: storedAdjustments(request),
      metadata: { ...request.metadata },
      contentHash: contentHash(request),
      caller: caller.group,
      version: 0,
    });
    const changes = this.stores.writer.changesTo(payment, `api:${caller.name}`);
    changes.step({ fact: 'created', event: 'payment.created', occurredAt: this.clock.now() });
    const created = await this.stores.writer.write(tx, changes);
    const operation = await this.stores.operations.prepare(tx, {
      id: this.stores.ids.next(),
      subjectId: id,
      provider: plan.provider.name,
      kind: 'create_session',
      request: { ...plan.request },
    });
    return { payment: created, operation };
  }

  /** The first provider that can do it; when none can, the first one's reason. */
  private plan(request: SessionRequest, paymentId: string): Plan {
    let refusal: ServiceError | undefined;
    for (const provider of this.providers.candidates(request.money.currency, request.provider)) {
      try {
        return this.planAt(provider, request, paymentId);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        refusal ??= error;
      }
    }
    throw refusal ?? new ServiceError('capability_not_supported', 'no provider can do this');
  }

  private planAt(provider: PaymentProvider, request: SessionRequest, paymentId: string): Plan {
    // Where the provider has no session id for them, the payment's own says which one it is.
    const filled = (url: string): string =>
      provider.capabilities.has('session_id_in_urls') ? url : withSessionId(url, paymentId);
    const successUrl = filled(request.successUrl ?? this.urls.successFor(provider.name, paymentId));
    const cancelUrl = filled(request.cancelUrl ?? this.urls.cancelFor(provider.name, paymentId));
    const payUrl = this.urls.payPage(paymentId);
    const input = sessionInput(request, { paymentId, successUrl, cancelUrl, payUrl, now: this.clock.now() });
    return { provider, request: provider.planSession(input), successUrl, cancelUrl };
  }
}

function storedAdjustments(request: SessionRequest): StoredAdjustment[] {
  const stored = (kind: StoredAdjustment['kind'], lines: readonly SessionAdjustment[]): StoredAdjustment[] =>
    lines.map(({ name, amount }) => ({ kind, name, amount: amount.toString() }));
  return [
    ...stored('tax', request.taxes),
    ...stored('shipping', request.shipping),
    ...stored('discount', request.discounts),
  ];
}
