import { ServiceError } from '../../kernel/errors.js';
import type { PaymentMethodName, SessionInput } from '../provider.port.js';

export type CheckoutMethods = {
  allowed_payment_methods: PaymentMethodName[];
  monthly_installments_enabled?: boolean;
  monthly_installments_options?: number[];
  on_demand_enabled?: boolean;
};

/** A voucher holds between MXN 10 and MXN 10,000 (centavos). */
const CASH_MINIMUM = 1_000n;
const CASH_MAXIMUM = 1_000_000n;

/** Months of the plans that Mexican banks offer. */
const INSTALLMENT_MONTHS = new Set([3, 6, 9, 12, 18]);

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
  if (method === 'cash' && !fitsOnVoucher(money.amount)) {
    const rule = 'must add up to between 10.00 and 10000.00 MXN to be paid in cash';
    throw new ServiceError('amount_out_of_bounds', `items ${rule}`, [{ field: 'items', rule }]);
  }
}

function installments(input: SessionInput, methods: readonly PaymentMethodName[]): Partial<CheckoutMethods> {
  if (input.money.currency !== 'MXN') throw unsupported('installments', 'are available in MXN only');
  const stranger = input.installments.find((months) => !INSTALLMENT_MONTHS.has(months));
  if (stranger !== undefined)
    throw unsupported('installments', `of ${stranger} months are not available at Conekta`);
  if (!methods.includes('card')) throw unsupported('installments', 'need card among paymentMethods');
  const months = [...new Set(input.installments)].sort((a, b) => a - b);
  return { monthly_installments_enabled: true, monthly_installments_options: months };
}

function fitsOnVoucher(amount: bigint): boolean {
  return amount >= CASH_MINIMUM && amount <= CASH_MAXIMUM;
}

function unsupported(field: string, rule: string): ServiceError {
  return new ServiceError('capability_not_supported', `${field}: ${rule}`, [{ field, rule }]);
}
