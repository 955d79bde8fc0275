const STP_BANK_CODE = '646';
const MEXICO_CITY = '180';
const WEIGHTS = [3, 7, 1];

/**
 * 17 digits and their check digit, so that a form which validates CLABEs takes it.
 *
 * @param account eleven digits
 */
export function clabeOf(account: string): string {
  const body = `${STP_BANK_CODE}${MEXICO_CITY}${account}`;
  const sum = [...body].reduce(
    (total, digit, index) => total + ((Number(digit) * (WEIGHTS[index % 3] ?? 0)) % 10),
    0,
  );
  return `${body}${(10 - (sum % 10)) % 10}`;
}
