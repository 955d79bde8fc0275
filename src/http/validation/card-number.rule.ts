import { ValidateBy } from 'class-validator';
import { isCardNumber } from '../logging/card.number.js';

/** Groups of digits with at most a few separators between them, and no letter that makes an identifier of them. */
const DIGITS = /(?<![\p{L}\p{N}_])\d+(?:[\s.\p{Pd}]{1,3}\d+)*(?![\p{L}\p{N}_])/gu;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * Whether somebody wrote a card's number into a text, in one piece or in groups, whatever digits stand beside it. A
 * text goes into every event: nobody may put a number there that can be charged.
 */
export function holdsCardNumber(text: string): boolean {
  const runs = text.normalize('NFKC').replace(UUID, ' / ').match(DIGITS) ?? [];
  return runs.some((run) => groupsHoldOne(run.split(/\D+/)));
}

/** Neighbouring groups that make one number together. */
function groupsHoldOne(groups: readonly string[]): boolean {
  return groups.some((_group, from) =>
    groups.slice(from).some((_other, more) => isCardNumber(groups.slice(from, from + more + 1).join(''))),
  );
}

/** A text in which no card's number stands. Beside a rule that says what text it is. */
export function NoCardNumber(): PropertyDecorator {
  return ValidateBy({
    name: 'noCardNumber',
    validator: {
      validate: (value: unknown) => typeof value !== 'string' || !holdsCardNumber(value),
      defaultMessage: () => '$property must not hold a card number',
    },
  });
}
