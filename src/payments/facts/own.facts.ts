import type { PaymentRef } from '../../providers/facts.js';
import type { PaymentRow } from '../payment/payment.tables.js';

/** What we know of ourselves, beside what a provider says. */
export type OwnFact = { kind: 'own'; ref: PaymentRef & { paymentId: string }; occurredAt: Date } & OwnWord;

export type OwnWord =
  | {
      /**
       * `outcome_unknown`: a call ended without an answer. `never_opened`: the provider refused it, or it is known never
       * to have arrived. `closed`: we closed it, and the provider agreed.
       */
      name: 'outcome_unknown' | 'never_opened' | 'closed';
      reason?: string | undefined;
    }
  /** The provider would not close it: it is not we who end it, and money that comes counts. */
  | { name: 'kept_open' }
  /** What no fact of a charge says: the provider's words for the buyer, and when to ask about an open one. */
  | { name: 'charge_answered'; buyerMessage?: string | undefined; checkAt: Date }
  /** A cycle of a subscription was billed; `payment` is its row, should it not be here yet. */
  | { name: 'billed'; payment: PaymentRow };
