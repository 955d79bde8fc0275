import type { CustomerCommand } from '../../billing.ports.js';
import { assertMetadataFits, given } from '../../request.rules.js';
import { METADATA } from '../conekta.account.js';
import { assertFits, contactOf, dialled, type RecordedWrite } from '../conekta.request.js';

/**
 * The exact request of a command. Pure.
 * @throws ServiceError invalid_request naming each field that Conekta does not do without, or refuses.
 */
export function customerRequest(command: CustomerCommand, installationId?: string): RecordedWrite {
  if (command.kind === 'create_customer') {
    const { customerId, metadata, token, kind: _, ...contact } = command;
    assertMetadataFits(metadata, METADATA);
    const body = {
      ...contactOf(contact, ''),
      metadata: { ...metadata, customerId, ...given({ installationId }) },
      ...(token !== undefined && { payment_sources: [{ type: 'card', token_id: token }] }),
    };
    return { method: 'POST', path: '/customers', body };
  }
  const { providerCustomerId: customerId } = command;
  const path = customerPath(customerId);
  switch (command.kind) {
    case 'update_customer': {
      const { name, email, phone: wished, metadata } = command;
      if (metadata !== undefined) assertMetadataFits(metadata, METADATA);
      assertFits({ name, email }, '');
      const phone = wished === undefined ? undefined : dialled(wished, 'phone');
      return { method: 'PUT', path, body: given({ name, email, phone, metadata }), customerId };
    }
    case 'delete_customer':
      return { method: 'DELETE', path, customerId };
    case 'add_card': {
      const { token, makeDefault } = command;
      const body = { type: 'card', token_id: token };
      return { method: 'POST', path: `${path}/payment_sources`, body, customerId, makeDefault };
    }
    case 'remove_card': {
      const source = encodeURIComponent(command.providerSourceId);
      return { method: 'DELETE', path: `${path}/payment_sources/${source}`, customerId };
    }
    case 'set_default_card':
      return { method: 'PUT', path, body: defaultBody(command.providerSourceId), customerId };
  }
}

export function customerPath(customerId: string): string {
  return `/customers/${encodeURIComponent(customerId)}`;
}

export function defaultBody(sourceId: string): Record<string, unknown> {
  return { default_payment_source_id: sourceId };
}
