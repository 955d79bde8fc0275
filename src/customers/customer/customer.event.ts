import { streamMessage } from '../../outbox/event.envelope.js';
import type { OutboxMessage } from '../../outbox/outbox.message.js';
import type { PaymentSourceRow } from '../card/card.tables.js';
import { defaultCardOf } from '../card/default.card.js';
import type { CustomerRow } from './customer.tables.js';

const TYPE = 'customer.updated';

/** A customer in one version of it: how it is paid by, and nothing of who it is. */
export function customerUpdated(
  customer: CustomerRow,
  cards: readonly PaymentSourceRow[],
  event: { id: string; occurredAt: Date; livemode: boolean; source: string },
): OutboxMessage {
  const { id, occurredAt, livemode, source } = event;
  return streamMessage({
    id,
    type: TYPE,
    occurredAt,
    orderId: null,
    paymentId: customer.id,
    source,
    data: {
      eventId: id,
      type: TYPE,
      occurredAt: occurredAt.toISOString(),
      customerId: customer.id,
      provider: customer.provider,
      livemode,
      version: customer.version,
      deleted: customer.deletedAt !== null,
      defaultPaymentSourceId: defaultCardOf(customer.provider, cards)?.id ?? null,
      paymentSources: cards.map(toldOf),
      metadata: customer.metadata,
    },
  });
}

function toldOf(card: PaymentSourceRow): object {
  const { id, brand, last4, expMonth, expYear, blocked, isDefault } = card;
  return { paymentSourceId: id, brand, last4, expMonth, expYear, blocked, isDefault };
}
