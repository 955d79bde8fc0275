import type { SavedCard } from '../../billing.facts.js';
import { isJson, textOf, timeOf } from '../../json.read.js';

/** A card of a customer as Conekta tells it. */
export interface ConektaCard {
  createdAt: Date;
  isDefault: boolean;
  saved: SavedCard;
}

/** Undefined for any other payment source: references of shops and CLABEs have none of a card's fields. */
export function readCard(value: unknown): ConektaCard | undefined {
  if (!isJson(value) || value.type !== 'card') return undefined;
  const providerSourceId = textOf(value.id);
  if (providerSourceId === undefined) return undefined;
  const status = textOf(value.payment_source_status);
  return {
    createdAt: timeOf(value.created_at) ?? new Date(0),
    isDefault: value.default === true,
    saved: {
      providerSourceId,
      brand: textOf(value.brand)?.toLowerCase(),
      last4: textOf(value.last4),
      expMonth: numberOf(value.exp_month),
      expYear: yearOf(value.exp_year),
      holder: textOf(value.name),
      // Only the one word stands for a card that works; older answers have no word at all.
      blocked: status !== undefined && status !== 'active',
    },
  };
}

/** Conekta tells both parts as text, the year mostly without its century. */
function yearOf(value: unknown): number | undefined {
  const year = numberOf(value);
  return year !== undefined && year < 100 ? 2000 + year : year;
}

function numberOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : textOf(value);
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}
