import { pick } from '../../kernel/pick.js';
import { defaultCardOf } from './customer.js';
import type { CustomerAccount, CustomerRow, PaymentSourceRow } from './customer.tables.js';

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

export class CustomerResource {
  customerId!: string;
  /** Where it was made first, and where it is charged unless something else is said. */
  provider!: string;
  name!: string | null;
  email!: string | null;
  phone!: string | null;
  metadata!: Record<string, string>;
  /** The card that is charged where none is named. */
  defaultPaymentSourceId!: string | null;
  /** Oldest first. */
  paymentSources!: PaymentSourceResource[];
  /** The customer's id at each provider that has it. */
  providerIds!: Record<string, string>;
  /** Grows by one with every change; 0: the provider has not said yet whether it made it. */
  version!: number;
  createdAt!: string;
  updatedAt!: string;
  /** Only of one that is deleted. */
  deleted?: boolean;
}

export class CustomerList {
  data!: CustomerResource[];
  /** Hand it back as `cursor` for the next page; null on the last one. */
  nextCursor!: string | null;
}

export function sourceView(card: PaymentSourceRow): PaymentSourceResource {
  return {
    paymentSourceId: card.id,
    provider: card.provider,
    type: 'card',
    ...pick(card, 'brand', 'last4', 'expMonth', 'expYear', 'holder'),
    default: card.isDefault,
    blocked: card.blocked,
    createdAt: card.createdAt.toISOString(),
  };
}

/** @param accounts and cards of this customer, and perhaps of others. */
export function customerView(
  customer: CustomerRow,
  accounts: readonly CustomerAccount[],
  cards: readonly PaymentSourceRow[],
): CustomerResource {
  const isTheirs = ({ customerId }: { customerId: string }): boolean => customerId === customer.id;
  const theirCards = cards.filter(isTheirs);
  return {
    customerId: customer.id,
    ...pick(customer, 'provider', 'name', 'email', 'phone', 'metadata'),
    defaultPaymentSourceId: defaultCardOf(customer.provider, theirCards)?.id ?? null,
    paymentSources: theirCards.map(sourceView),
    providerIds: Object.fromEntries(
      accounts
        .filter(isTheirs)
        .flatMap(({ provider, providerCustomerId: id }) => (id === null ? [] : [[provider, id]])),
    ),
    version: customer.version,
    createdAt: customer.createdAt.toISOString(),
    updatedAt: customer.updatedAt.toISOString(),
    ...(customer.deletedAt !== null && { deleted: true }),
  };
}
