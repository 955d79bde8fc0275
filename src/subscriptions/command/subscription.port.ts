import { Injectable } from '@nestjs/common';
import type { Operation } from '../../operations/operation.store.js';
import {
  keepsSubscriptions,
  type KeepsSubscriptions,
  type SubscriptionCommand,
} from '../../providers/billing.ports.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { unsupported } from '../../providers/provider.errors.js';

export const SUBSCRIPTION_OPERATIONS = [
  'create_subscription',
  'change_plan',
  'change_card',
  'pause_subscription',
  'resume_subscription',
  'cancel_subscription',
  'undo_cancel_subscription',
  'retry_subscription',
] as const satisfies SubscriptionCommand['kind'][];

/** @throws Error for an operation that is not this room's. */
export function subscriptionKindOf({ kind }: Operation): SubscriptionCommand['kind'] {
  const found = SUBSCRIPTION_OPERATIONS.find((one) => one === kind);
  if (found === undefined) throw new Error(`operations of kind ${kind} are none on a subscription`);
  return found;
}

export type SubscriptionProvider = PaymentProvider & KeepsSubscriptions;

/** The providers that have subscriptions. */
@Injectable()
export class SubscriptionProviders {
  constructor(private readonly providers: ProviderRegistry) {}

  /** @throws ServiceError capability_not_supported naming `provider`. */
  get(name: string): SubscriptionProvider {
    const provider = this.providers.get(name);
    if (!keepsSubscriptions(provider)) {
      throw unsupported('provider', `must have subscriptions, which ${name} does not`);
    }
    return provider;
  }
}
