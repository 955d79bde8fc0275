import type { PaymentSourceRow } from './card.tables.js';

/** The card that is charged where none is named: by the customer's own provider first, else by another. Pure. */
export function defaultCardOf(
  provider: string,
  cards: readonly PaymentSourceRow[],
): PaymentSourceRow | undefined {
  const defaults = cards.filter(({ isDefault }) => isDefault);
  return defaults.find((card) => card.provider === provider) ?? defaults[0];
}
