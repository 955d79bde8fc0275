import type { CardFailure } from '../card.failures.js';
import { newId } from '../stripe.ids.js';
import type { BalanceTransaction, Charge, Intent, PaymentMethod } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export interface ChargeParts {
  intent: Intent;
  method: PaymentMethod;
  /** `captured` is false for an authorization that waits for its capture. */
  outcome: { paid: true; captured: boolean } | { paid: false; failure: CardFailure } | 'pending';
  challenged?: boolean;
  /** Months, when the customer chose to pay in installments. */
  installments?: number;
  voucherNumber?: string;
}

const NO_ADDRESS = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
const AUTHORIZATION_SECONDS = 7 * 24 * 60 * 60;

export function newCharge(world: StripeWorld, parts: ChargeParts): Charge {
  const { intent, method, outcome } = parts;
  const id = newId('ch');
  const paid = outcome !== 'pending' && outcome.paid;
  const captured = paid && outcome.captured;
  const failure = outcome !== 'pending' && !outcome.paid ? outcome.failure : null;
  const billing = method.billing_details;
  return {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: {
      address: NO_ADDRESS,
      email: billing.email,
      name: billing.name,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: 'SANDBOX',
    captured,
    created: world.clock.seconds(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failure ? failure.code : null,
    failure_message: failure ? failure.message : null,
    fraud_details: {},
    livemode: false,
    // The charge takes the metadata of its intent as it is at this moment.
    metadata: { ...intent.metadata },
    on_behalf_of: null,
    outcome: outcome === 'pending' ? null : outcomeOf(failure),
    paid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: methodDetails(world, parts, paid && !captured),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: failure ? null : `${world.receiptBase ?? world.baseUrl}/receipts/${id}`,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: failure ? 'failed' : paid ? 'succeeded' : 'pending',
    transfer_data: null,
    transfer_group: null,
  };
}

function outcomeOf(failure: CardFailure | null): NonNullable<Charge['outcome']> {
  return {
    advice_code: failure ? 'try_again_later' : null,
    network_advice_code: null,
    network_decline_code: failure ? '01' : null,
    network_status: failure ? 'declined_by_network' : 'approved_by_network',
    reason: failure ? failure.declineCode : null,
    risk_level: 'normal',
    risk_score: 20,
    seller_message: failure ? 'The bank did not return any further details.' : 'Payment complete.',
    type: failure ? 'issuer_declined' : 'authorized',
  };
}

function methodDetails(
  world: StripeWorld,
  parts: ChargeParts,
  authorizedOnly: boolean,
): NonNullable<Charge['payment_method_details']> {
  const { method } = parts;
  if (method.type === 'oxxo') return { type: 'oxxo', oxxo: { number: parts.voucherNumber ?? null } };
  if (method.type === 'customer_balance') return { type: 'customer_balance', customer_balance: {} };
  const card = method.card;
  if (!card) return { type: method.type };
  return {
    type: 'card',
    card: {
      amount_authorized: parts.intent.amount,
      authorization_code: '123456',
      brand: card.brand,
      ...(authorizedOnly && { capture_before: world.clock.seconds() + AUTHORIZATION_SECONDS }),
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: card.country,
      electronic_commerce_indicator: null,
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      extended_authorization: { status: 'disabled' },
      fingerprint: card.fingerprint ?? null,
      funding: card.funding,
      incremental_authorization: { status: 'unavailable' },
      installments: parts.installments
        ? { plan: { count: parts.installments, interval: 'month', type: 'fixed_count' } }
        : null,
      last4: card.last4,
      mandate: null,
      multicapture: { status: 'unavailable' },
      network: card.brand,
      network_token: { used: false },
      network_transaction_id: null,
      overcapture: { maximum_amount_capturable: parts.intent.amount, status: 'unavailable' },
      regulated_status: 'unregulated',
      three_d_secure: parts.challenged
        ? {
            authentication_flow: 'challenge',
            electronic_commerce_indicator: '05',
            exemption_indicator: null,
            result: 'authenticated',
            result_reason: null,
            transaction_id: newId('dstx'),
            version: '2.2.0',
          }
        : null,
      transaction_link_id: null,
      wallet: null,
    },
  };
}

/** Money that came in or went out; the sandbox takes no fees. */
export function newBalanceTransaction(
  world: StripeWorld,
  parts: { amount: number; currency: string; source: string; type: 'charge' | 'refund' | 'adjustment' },
): BalanceTransaction {
  const now = world.clock.seconds();
  return {
    id: newId('txn'),
    object: 'balance_transaction',
    amount: parts.amount,
    available_on: now,
    balance_type: 'payments',
    created: now,
    currency: parts.currency,
    description: null,
    exchange_rate: null,
    fee: 0,
    fee_details: [],
    net: parts.amount,
    reporting_category: parts.type === 'adjustment' ? 'dispute' : parts.type,
    source: parts.source,
    status: 'available',
    type: parts.type,
  };
}
