import type { List } from './shared.types.js';

export type PaymentStatus =
  | 'pending_payment'
  | 'pre_authorized'
  | 'paid'
  | 'declined'
  | 'expired'
  | 'canceled'
  | 'voided'
  | 'partially_refunded'
  | 'refunded'
  | 'charged_back'
  | 'under_fraud_review'
  | 'fraudulent';

/** A charge also waits for the bank's question to be answered. */
export type ChargeStatus = PaymentStatus | 'pending_confirmation';

export interface CardPaymentMethod {
  object: 'card_payment';
  type: 'credit' | 'debit';
  name: string;
  exp_month: string;
  exp_year: string;
  auth_code?: string;
  last4: string;
  brand: string;
  issuer: string;
  account_type: string;
  country: string;
  fraud_indicators: object[];
}

export interface CashPaymentMethod {
  object: 'cash_payment';
  type: 'cash';
  service_name: string;
  product_type: string;
  store_name: string;
  reference: string;
  barcode_url: string;
  /** Seconds since the epoch, as every time here. */
  expires_at: number;
}

export interface TransferPaymentMethod {
  object: 'bank_transfer_payment';
  type: 'spei';
  bank: string;
  clabe: string;
  receiving_account_bank: string;
  receiving_account_number: string;
  reference_number: string | null;
  tracking_code: string | null;
  executed_at: string | null;
  payment_attempts: object[];
  expires_at: number;
}

export interface BnplPaymentMethod {
  object: 'bnpl_payment';
  type: 'bnpl';
  product_type: string;
  redirect_url: string;
  success_url: string;
  failure_url: string;
  cancel_url?: string;
  expires_at: number;
}

export interface BankPaymentMethod {
  object: 'pay_by_bank_payment';
  type: 'pay_by_bank';
  product_type: string;
  redirect_url: string;
  deep_link: string;
  reference: string;
  expires_at: number;
}

export type ChargePaymentMethod =
  CardPaymentMethod | CashPaymentMethod | TransferPaymentMethod | BnplPaymentMethod | BankPaymentMethod;

export interface Refund {
  id: string;
  object: 'refund';
  /** Negative. */
  amount: number;
  auth_code: string;
  created_at: number;
  status: 'refunded';
}

export interface Chargeback {
  id: string;
  object: 'chargeback';
  status: 'action_required' | 'under_review' | 'won' | 'lost';
  reason: string;
  note: string | null;
  followup_status: string | null;
  response_from_client: string | null;
  files: object[];
  charge_id: string;
  created_at: number;
  evidence_due_by: number;
}

export interface Channel {
  segment: string;
  checkout_request_id: string;
  checkout_request_type: string;
  id: string;
}

export interface Charge {
  id: string;
  object: 'charge';
  livemode: boolean;
  created_at: number;
  currency: string;
  amount: number;
  description: string;
  status: ChargeStatus;
  payment_method: ChargePaymentMethod;
  order_id: string;
  customer_id: string;
  reference_id?: string;
  monthly_installments?: number;
  failure_code?: string;
  failure_message?: string;
  paid_at?: number | null;
  channel?: Channel;
  refunds?: List<Refund>;
  chargeback?: Chargeback;
}
