import type { CheckoutView, VoucherView } from '../checkout.acts.js';
import { type ConektaError, type ErrorBody, type Language, unprocessed } from '../conekta.errors.js';

/**
 * What a page in a frame tells the component's script: `ready` once it can be used, `done` with what
 * the shop's success callback gets, `failed` with what its error callback gets.
 */
export type FrameMessage =
  { kind: 'ready' } | { kind: 'done'; detail: object } | { kind: 'failed'; detail: ErrorBody };

export function failed(error: ConektaError, language: Language): FrameMessage {
  return { kind: 'failed', detail: error.body(language) };
}

/** `message` is in the customer's language already. */
export function declined(code: string, message: string, language: Language): FrameMessage {
  return failed(unprocessed(code, { es: message, en: message }), language);
}

export function paidByCard(view: CheckoutView, chargeId: string): FrameMessage {
  const method = { object: 'card_payment', type: 'card' };
  return finished(view, { id: chargeId, status: 'paid', payment_method: method });
}

/** Nothing is paid yet: as at Conekta, the shop's callback is called all the same. */
export function issued(view: CheckoutView, voucher: VoucherView): FrameMessage {
  return finished(view, { status: 'pending_payment', payment_method: methodOf(voucher) });
}

function methodOf(voucher: VoucherView): object {
  if (voucher.kind === 'cash') {
    const { reference, barcodeUrl: barcode_url, expiresAt: expires_at } = voucher;
    return { object: 'cash_payment', type: 'cash', reference, barcode_url, expires_at };
  }
  const { clabe, bank, expiresAt: expires_at } = voucher;
  return { object: 'bank_transfer_payment', type: 'spei', clabe, bank, expires_at };
}

interface FinishedCharge {
  /** Vouchers have none to show yet. */
  id?: string;
  status: 'paid' | 'pending_payment';
  payment_method: object;
}

function finished(view: CheckoutView, charge: FinishedCharge): FrameMessage {
  const { id, orderId, amount, currency } = view;
  return {
    kind: 'done',
    detail: {
      id: orderId,
      object: 'order',
      checkout_id: id,
      payment_status: charge.status,
      amount,
      currency,
      charge: { ...charge, order_id: orderId, amount, currency },
    },
  };
}
