import type { PaymentSourceRow } from './card.tables.js';

/** A saved card; its number is known to the provider alone. */
export class PaymentSourceResource {
  paymentSourceId!: string;
  provider!: string;
  type!: 'card';
  brand!: string | null;
  last4!: string | null;
  /** 1 to 12. */
  expMonth!: number | null;
  /** Four digits. */
  expYear!: number | null;
  holder!: string | null;
  /** What its provider charges where no card is named. */
  default!: boolean;
  /** The provider or the bank will not charge it any more. */
  blocked!: boolean;
  createdAt!: string;
}

export class PaymentSourceList {
  /** Oldest first: all of them, unless `limit` or the broker's `max_payload` allows for fewer. */
  data!: PaymentSourceResource[];
  nextCursor!: string | null;
}

export function sourceView(card: PaymentSourceRow): PaymentSourceResource {
  return {
    paymentSourceId: card.id,
    provider: card.provider,
    type: 'card',
    brand: card.brand,
    last4: card.last4,
    expMonth: card.expMonth,
    expYear: card.expYear,
    holder: card.holder,
    default: card.isDefault,
    blocked: card.blocked,
    createdAt: card.createdAt.toISOString(),
  };
}
