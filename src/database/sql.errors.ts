/** The SQLSTATE, or the driver's own code. Drizzle wraps the driver's error as its cause. */
export function sqlStateOf(error: unknown): string | undefined {
  return linksOf(error)
    .map(({ code }) => code)
    .find((code) => typeof code === 'string');
}

/** Class 22, such as bad text or out of range: trying it again cannot help. */
export function isDataError(error: unknown): boolean {
  return sqlStateOf(error)?.startsWith('22') ?? false;
}

const PASSING_STATES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '25006', // read-only
  '25P03', // idle in a transaction for too long
  '40001', // serialization failure, once more often than we try again
  '40P01', // deadlock, likewise
  '53000',
  '53100', // disk full
  '53200',
  '53300', // too many connections
  '57P01',
  '57P02',
  '57P03',
  '57014', // statement timeout
]);

/** node-postgres tells these by their message alone. */
const PASSING_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|client has encountered|query read timeout|pool after calling end/i;

/** Through no fault of the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return PASSING_STATES.has(state) || state.startsWith('08');
  return linksOf(error).some(({ message }) => typeof message === 'string' && PASSING_MESSAGES.test(message));
}

interface Link {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

/** The error and its causes. By their shape: an error of Node's own need not be an instance of this realm's Error. */
function linksOf(error: unknown): Link[] {
  const links: Link[] = [];
  for (let next = error; isLink(next) && !links.includes(next); next = next.cause) links.push(next);
  return links;
}

function isLink(value: unknown): value is Link {
  return typeof value === 'object' && value !== null;
}
