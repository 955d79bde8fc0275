import { newId, randomDigits } from '../conekta.ids.js';
import { listOf } from '../conekta.lists.js';
import type { Customer, PaymentSource } from '../conekta.types.js';
import type { ConektaWorld, HeldCard } from '../conekta.world.js';
import { barcodeUrl, newClabe } from './waiting.methods.js';

export type SourceParts =
  { type: 'card'; held: HeldCard } | { type: 'cash_recurrent' | 'spei_recurrent'; expiresAt: number };

/** A card, a reference or a CLABE of a customer's own; the first one is the default. */
export function newSource(world: ConektaWorld, customer: Customer, parts: SourceParts): PaymentSource {
  const source: PaymentSource = {
    id: newId('src'),
    object: 'payment_source',
    type: parts.type,
    created_at: world.clock.seconds(),
    parent_id: customer.id,
    ...detailsOf(world, parts),
  };
  world.sources.set(source.id, { source, card: parts.type === 'card' ? parts.held : null });
  customer.payment_sources = listOf([...customer.payment_sources.data, source]);
  if (parts.type === 'card') customer.default_payment_source_id ??= source.id;
  markDefault(customer);
  return source;
}

/** Writes into each card whether it is the default. */
export function markDefault(customer: Customer): void {
  for (const source of customer.payment_sources.data) {
    if (source.type === 'card') source.default = source.id === customer.default_payment_source_id;
  }
}

function detailsOf(world: ConektaWorld, parts: SourceParts): Partial<PaymentSource> {
  if (parts.type === 'card') {
    const { card, name, expMonth, expYear } = parts.held;
    return {
      last4: card.last4,
      bin: card.bin,
      card_type: 'credit',
      exp_month: expMonth,
      exp_year: expYear,
      brand: card.brand,
      issuer: 'Sandbox Bank',
      name,
      default: false,
      visible_on_checkout: true,
      payment_source_status: 'active',
    };
  }
  if (parts.type === 'spei_recurrent') {
    return { bank: 'STP', reference: newClabe(), expires_at: String(parts.expiresAt) };
  }
  const reference = randomDigits(14);
  return {
    provider: 'Cash',
    reference,
    barcode: reference,
    barcode_url: barcodeUrl(world, reference),
    expires_at: parts.expiresAt,
  };
}
