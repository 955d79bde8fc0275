import type Stripe from 'stripe';
import type { CustomerCommand } from '../../billing.ports.js';
import type { ProviderCall } from '../../provider.calls.js';
import { given } from '../../request.rules.js';
import { assertMetadata, assertPhone } from '../stripe.limits.js';

type Command<Kind> = Extract<CustomerCommand, { kind: Kind }>;

/** Our keys in metadata: the customer's id, the installation's and the operation's mark. */
const OURS = 3;

/** Pure. @throws ServiceError invalid_request naming `metadata` or `phone`. */
export function customerRequest(command: CustomerCommand, installationId?: string): ProviderCall['request'] {
  switch (command.kind) {
    case 'create_customer':
      return { customer: created(command, installationId) };
    case 'update_customer':
      return { providerCustomerId: command.providerCustomerId, customer: updated(command) };
    default: {
      const { kind: _, ...request } = command;
      return request;
    }
  }
}

function created(
  { name, email, phone, customerId, metadata, token }: Command<'create_customer'>,
  installationId: string | undefined,
): Stripe.CustomerCreateParams {
  assertMetadata(metadata, OURS);
  assertPhone(phone, 'phone');
  return {
    ...given({ name, email, phone }),
    metadata: { ...metadata, customerId, ...given({ installationId }) },
    ...(token !== undefined && {
      payment_method: token,
      invoice_settings: { default_payment_method: token },
    }),
  };
}

/** Other keys of metadata stay. */
function updated({ name, email, phone, metadata }: Command<'update_customer'>): Stripe.CustomerUpdateParams {
  assertPhone(phone, 'phone');
  const contact = given({ name, email, phone });
  if (metadata === undefined) return contact;
  assertMetadata(metadata, OURS);
  const { customerId: _, installationId: __, ...others } = metadata;
  return { ...contact, metadata: others };
}
