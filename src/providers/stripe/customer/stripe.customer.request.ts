import type Stripe from 'stripe';
import type { CustomerCommand } from '../../billing.ports.js';
import type { ProviderCall } from '../../provider.port.js';
import { assertMetadata, assertPhone } from '../session/stripe.session.limits.js';

type Create = Extract<CustomerCommand, { kind: 'create_customer' }>;
type Update = Extract<CustomerCommand, { kind: 'update_customer' }>;

/** Keys of metadata that are ours: the customer's id, the installation's, and the mark of the operation. */
const OURS = 3;

/** The exact request. Pure. @throws ServiceError invalid_request naming `metadata` or `phone`. */
export function planCustomer(command: CustomerCommand, installationId?: string): ProviderCall['request'] {
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

function created(command: Create, installationId: string | undefined): Stripe.CustomerCreateParams {
  const { customerId, metadata, token } = command;
  assertMetadata(metadata, OURS);
  return {
    ...contact(command),
    metadata: { ...metadata, customerId, ...(installationId !== undefined && { installationId }) },
    ...(token !== undefined && {
      payment_method: token,
      invoice_settings: { default_payment_method: token },
    }),
  };
}

/** Keys of metadata that are not named stay as they are. */
function updated(command: Update): Stripe.CustomerUpdateParams {
  if (command.metadata === undefined) return contact(command);
  assertMetadata(command.metadata, OURS);
  const { customerId: _, installationId: __, ...metadata } = command.metadata;
  return { ...contact(command), metadata };
}

function contact({ name, email, phone }: Create | Update): { name?: string; email?: string; phone?: string } {
  assertPhone(phone, 'phone');
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
  };
}
