import type { Caller } from '../../../src/http/access/caller.js';
import { randomUUID } from 'node:crypto';
import type { SessionCommand } from '../../../src/payments/session/session.command.js';

/** The caller behind a service key. */
export const serviceKey = (name: string): Caller => ({
  name,
  group: name,
  roles: ['service'],
  public: false,
});

/** A request for one keyboard, of an order that nobody else uses. */
export function sessionRequest(
  changes: Partial<Omit<SessionCommand, 'orderId'>> & { orderId?: string | null } = {},
): SessionCommand {
  return {
    money: { amount: 1_999n, currency: 'USD' },
    items: [{ name: 'Keyboard', unitAmount: 1_999n, quantity: 1 }],
    taxes: [],
    shipping: [],
    discounts: [],
    ui: 'hosted',
    onDemand: false,
    capture: 'automatic',
    installments: [],
    metadata: {},
    ...changes,
    orderId: changes.orderId ?? randomUUID(),
  };
}
