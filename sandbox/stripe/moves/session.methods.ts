import type { SessionCreateParams } from '../params/session.params.js';
import { refused } from '../stripe.errors.js';
import { formatMoney, OXXO_RANGE } from '../stripe.money.js';
import { PLAYED_METHODS, type PlayedMethod } from '../stripe.types.js';

/**
 * The payment methods that a session offers. Without a list Stripe chooses what fits; a method that
 * was asked for by name and does not fit is an error.
 */
export function chooseMethods(params: SessionCreateParams, currency: string, total: number): PlayedMethod[] {
  const asked = params.allowed_payment_method_types;
  const excluded = new Set<string>(params.excluded_payment_method_types);
  if (asked) for (const method of asked) refuseUnfit(method, params, currency, total);
  const played = PLAYED_METHODS.filter((method) => {
    if (excluded.has(method)) return false;
    if (asked) return asked.includes(method);
    // A bank debit is only offered by name: most accounts do not have it switched on.
    return method !== 'us_bank_account' && fault(method, params, currency, total) === null;
  });
  if (played.length > 0) return played;
  const param = asked ? 'allowed_payment_method_types' : 'excluded_payment_method_types';
  throw refused('No valid payment method types for this Checkout Session.', { param, beforeRunning: true });
}

function refuseUnfit(method: string, params: SessionCreateParams, currency: string, total: number): void {
  const reason = fault(method, params, currency, total);
  if (reason === null) return;
  throw refused(reason.message, {
    param: reason.param,
    ...(reason.code && { code: reason.code }),
    beforeRunning: true,
  });
}

interface Fault {
  message: string;
  param: string;
  code?: string;
}

function fault(method: string, params: SessionCreateParams, currency: string, total: number): Fault | null {
  const param = 'allowed_payment_method_types';
  const isKept = params.payment_intent_data?.setup_future_usage !== undefined;
  if (isKept && (method === 'oxxo' || method === 'customer_balance')) {
    const message = `The payment method type ${method} does not support setup_future_usage.`;
    return { message, param: 'payment_intent_data[setup_future_usage]' };
  }
  if (method === 'oxxo') {
    if (currency !== 'mxn') return { message: wrongCurrency(method, currency, 'mxn'), param };
    if (total >= OXXO_RANGE.min && total <= OXXO_RANGE.max) return null;
    const code = total < OXXO_RANGE.min ? 'amount_too_small' : 'amount_too_large';
    const range = `${formatMoney(OXXO_RANGE.min, 'mxn')} and ${formatMoney(OXXO_RANGE.max, 'mxn')}`;
    return { message: `Amounts for oxxo must be between ${range}.`, param: 'line_items', code };
  }
  if (method === 'customer_balance') {
    if (currency !== 'mxn') return { message: wrongCurrency(method, currency, 'mxn'), param };
    if (params.customer !== undefined) return null;
    const message = 'The payment method type `customer_balance` requires a `customer`.';
    return { message, param: 'customer', code: 'parameter_missing' };
  }
  if (method === 'us_bank_account' && currency !== 'usd') {
    return { message: wrongCurrency(method, currency, 'usd'), param };
  }
  return null;
}

function wrongCurrency(method: string, currency: string, wanted: string): string {
  return `The currency provided (${currency}) is invalid for ${method}: it takes ${wanted}.`;
}
