import type { PaymentSourceRow } from '../card/card.tables.js';
import { defaultCardOf } from '../card/default.card.js';
import { PaymentSourceResource, sourceView } from '../card/source.view.js';
import type { CustomerAccount, CustomerRow } from './customer.tables.js';

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

export function customerView(
  customer: CustomerRow,
  accounts: readonly CustomerAccount[],
  cards: readonly PaymentSourceRow[],
): CustomerResource {
  return {
    customerId: customer.id,
    provider: customer.provider,
    name: customer.name,
    email: customer.email,
    phone: customer.phone,
    metadata: customer.metadata,
    defaultPaymentSourceId: defaultCardOf(customer.provider, cards)?.id ?? null,
    paymentSources: cards.map(sourceView),
    providerIds: Object.fromEntries(
      accounts.flatMap(({ provider, providerCustomerId }) =>
        providerCustomerId === null ? [] : [[provider, providerCustomerId]],
      ),
    ),
    version: customer.version,
    createdAt: customer.createdAt.toISOString(),
    updatedAt: customer.updatedAt.toISOString(),
    ...(customer.deletedAt !== null && { deleted: true }),
  };
}
