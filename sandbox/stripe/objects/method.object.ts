import type { TestCard } from '../card.numbers.js';
import { newId } from '../stripe.ids.js';
import type { PaymentMethod, PlayedMethod } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export interface Payer {
  email: string | null;
  name: string | null;
}

const EXPIRY_YEARS = 4;

/** A card as a payment method; the number itself is not kept. */
export function newCardMethod(world: StripeWorld, card: TestCard, payer: Payer): PaymentMethod {
  return {
    ...plainMethod(world, 'card', payer),
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: card.country,
      display_brand: card.brand,
      exp_month: 12,
      exp_year: new Date(world.clock.now()).getUTCFullYear() + EXPIRY_YEARS,
      fingerprint: `sandbox${card.last4}`,
      funding: 'credit',
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
  };
}

export function newOtherMethod(
  world: StripeWorld,
  type: Exclude<PlayedMethod, 'card'>,
  payer: Payer,
): PaymentMethod {
  const method = plainMethod(world, type, payer);
  if (type === 'oxxo') return { ...method, oxxo: {} };
  if (type === 'customer_balance') return { ...method, customer_balance: {} };
  return {
    ...method,
    us_bank_account: {
      account_holder_type: 'individual',
      account_type: 'checking',
      bank_name: 'STRIPE TEST BANK',
      financial_connections_account: null,
      fingerprint: 'sandbox6789',
      last4: '6789',
      networks: { preferred: 'ach', supported: ['ach'] },
      routing_number: '110000000',
      status_details: null,
    },
  };
}

function plainMethod(world: StripeWorld, type: PlayedMethod, payer: Payer): PaymentMethod {
  return {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: { address: null, email: payer.email, name: payer.name, phone: null, tax_id: null },
    created: world.clock.seconds(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type,
  };
}
