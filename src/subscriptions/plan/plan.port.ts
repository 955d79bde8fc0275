import type { ServiceError } from '../../kernel/errors.js';
import type { OperationKind } from '../../operations/operation.tables.js';
import { keepsPlans, type KeepsPlans, type PlanCommand } from '../../providers/billing.ports.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { unsupported } from '../../providers/provider.errors.js';

export const PLAN_OPERATIONS = ['create_plan', 'update_plan', 'delete_plan'] as const;

export function planKindOf(kind: OperationKind): PlanCommand['kind'] {
  const found = PLAN_OPERATIONS.find((one) => one === kind);
  if (found === undefined) throw new Error(`${kind} is no operation on a plan`);
  return found;
}

/** @throws ServiceError capability_not_supported naming `provider`. */
export function withPlans(provider: PaymentProvider): PaymentProvider & KeepsPlans {
  if (!keepsPlans(provider)) throw noPlansAt([provider.name]);
  return provider;
}

export function noPlansAt(names: readonly string[]): ServiceError {
  return unsupported('provider', `must keep plans, which ${names.join(' and ')} does not`);
}
