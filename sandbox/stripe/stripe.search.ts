import { badParameter } from './stripe.errors.js';
import type { Intent } from './stripe.types.js';

type Test = (intent: Intent) => boolean;

const CLAUSE =
  /^(-?)(?:metadata\["([^"]*)"\]|metadata\['([^']*)'\]|(\w+))\s*(:|>=|<=|>|<)\s*(?:"([^"]*)"|'([^']*)'|(\d+|null))$/;

/**
 * Stripe's search language as far as payment intents need it: `metadata['key']:'value'`, `status`,
 * `currency`, `customer`, `amount` and `created`, joined by AND or by OR.
 */
export function intentSearch(query: string): Test {
  const either = / OR /i.test(query);
  if (either && / AND /i.test(query)) {
    throw badParameter('You cannot combine AND and OR in the same query.', 'query');
  }
  const tests = query.split(either ? / OR /i : / AND /i).map((clause) => clauseTest(clause.trim()));
  return (intent) => (either ? tests.some((test) => test(intent)) : tests.every((test) => test(intent)));
}

function clauseTest(clause: string): Test {
  const parts = CLAUSE.exec(clause);
  if (!parts) throw badParameter('We were unable to parse your search query.', 'query');
  const [, minus, doubleKey, singleKey, field, sign = ':', doubleValue, singleValue, bare] = parts;
  const key = doubleKey ?? singleKey;
  const value = doubleValue ?? singleValue ?? bare ?? '';
  const test: Test = (intent) => compare(read(intent, key, field), sign, value);
  return minus ? (intent) => !test(intent) : test;
}

function read(intent: Intent, key: string | undefined, field: string | undefined): string | number | null {
  if (key !== undefined) return intent.metadata[key] ?? null;
  switch (field) {
    case 'status':
      return intent.status;
    case 'currency':
      return intent.currency;
    case 'customer':
      return intent.customer;
    case 'amount':
      return intent.amount;
    case 'created':
      return intent.created;
    default:
      throw badParameter(`Field \`${field}\` is an unsupported search field.`, 'query');
  }
}

function compare(actual: string | number | null, sign: string, wanted: string): boolean {
  if (wanted === 'null' && sign === ':') return actual === null;
  if (actual === null) return false;
  if (sign === ':') return String(actual) === wanted;
  const [left, right] = [Number(actual), Number(wanted)];
  if (sign === '>') return left > right;
  if (sign === '<') return left < right;
  return sign === '>=' ? left >= right : left <= right;
}
