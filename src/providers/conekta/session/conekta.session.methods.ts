import { assertFitsOnVoucher, assertInstallments, fitsOnVoucher } from '../../session.port.js';
import type { PaymentMethodName, SessionInput } from '../../provider.port.js';
import { unsupported } from '../../provider.errors.js';

export type CheckoutMethods = {
  allowed_payment_methods: PaymentMethodName[];
  monthly_installments_enabled?: boolean;
  monthly_installments_options?: number[];
  on_demand_enabled?: boolean;
};

/** Months of the plans that Mexican banks offer. */
export const INSTALLMENT_MONTHS = new Set([3, 6, 9, 12, 18]);

/** Cards, in whatever they are kept: they work in both currencies. */
const CARDS = new Set<PaymentMethodName>(['card', 'apple', 'google']);

/**
 * Which methods the checkout offers, and how.
 * @throws ServiceError capability_not_supported or amount_out_of_bounds naming the field.
 */
export function checkoutMethods(input: SessionInput): CheckoutMethods {
  const methods = [...new Set(input.paymentMethods ?? defaultMethods(input))];
  for (const method of methods) assertPossible(input, method);
  if (input.onDemand && !methods.includes('card'))
    throw unsupported('onDemand', 'needs card among paymentMethods');
  return {
    allowed_payment_methods: methods,
    ...(input.installments.length > 0 && installments(input, methods)),
    ...(input.onDemand && { on_demand_enabled: true }),
  };
}

/** What every Mexican customer can use, as far as the amount and the kind of capture allow. */
function defaultMethods({ money, capture }: SessionInput): PaymentMethodName[] {
  if (money.currency !== 'MXN' || capture === 'manual') return ['card'];
  return fitsOnVoucher(money.amount) ? ['card', 'cash', 'bank_transfer'] : ['card', 'bank_transfer'];
}

function assertPossible({ money, capture }: SessionInput, method: PaymentMethodName): void {
  if (capture === 'manual' && method !== 'card')
    throw unsupported('capture', `must be automatic with ${method}`);
  if (money.currency !== 'MXN' && !CARDS.has(method)) {
    throw unsupported('paymentMethods', `${method} is available in MXN only`);
  }
  if (method === 'cash') assertFitsOnVoucher(money.amount);
}

function installments(input: SessionInput, methods: readonly PaymentMethodName[]): Partial<CheckoutMethods> {
  assertInstallments(input, INSTALLMENT_MONTHS, 'Conekta');
  if (!methods.includes('card')) throw unsupported('installments', 'need card among paymentMethods');
  const months = [...new Set(input.installments)].sort((a, b) => a - b);
  return { monthly_installments_enabled: true, monthly_installments_options: months };
}
