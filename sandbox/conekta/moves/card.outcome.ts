import { failureByCode } from '../card.numbers.js';
import { notFound } from '../conekta.errors.js';
import type { PaymentSource } from '../conekta.types.js';
import type { ConektaWorld, HeldCard, SourceRecord } from '../conekta.world.js';

const BLOCKED = 'card_blocked';

/**
 * What the bank says to a saved card from now on.
 * @param code the `failure_code` of a refusal; null: it pays again
 */
export function setCardOutcome(world: ConektaWorld, sourceId: string, code: string | null): PaymentSource {
  const { record, held } = cardRecord(world, sourceId);
  const { failure: _earlier, ...card } = held.card;
  const answers =
    code === null
      ? { ...card, plays: card.plays === 'declines' ? ('pays' as const) : card.plays }
      : { ...card, plays: 'declines' as const, failure: failureByCode(code) };
  // Another object: a token or another customer may hold the same card.
  record.card = { ...held, card: answers };
  if (code !== BLOCKED) record.source.payment_source_status = 'active';
  return record.source;
}

/** Conekta stops charging a saved card, and says so. */
export function blockCard(world: ConektaWorld, sourceId: string): PaymentSource {
  const source = setCardOutcome(world, sourceId, BLOCKED);
  source.payment_source_status = 'blocked';
  world.log.emit('customer.payment_source.card.blocked', source, { payment_source_status: 'active' });
  return source;
}

function cardRecord(world: ConektaWorld, id: string): { record: SourceRecord; held: HeldCard } {
  const record = world.sources.get(id);
  if (!record?.card) throw notFound('card', id);
  return { record, held: record.card };
}
