/** The SQLSTATE of a failed statement (Drizzle wraps the driver's error as its cause), or the driver's own code. */
export function sqlStateOf(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code;
  }
  return undefined;
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlStateOf(error) === '23505';
}

/** The statement's own data is at fault (class 22: bad text, out of range); trying it again cannot help. */
export function isDataError(error: unknown): boolean {
  return sqlStateOf(error)?.startsWith('22') ?? false;
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  '25006', // read-only
  '53000',
  '53100', // disk full
  '53200',
  '53300', // too many connections
  '57P01',
  '57P02',
  '57P03',
  '57014', // statement timeout
]);

/** The database cannot be used just now, through no fault of the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return CONNECTION_CODES.has(state) || state.startsWith('08');
  return mentionsLostConnection(error);
}

// node-postgres reports a lost connection and a full pool by message alone.
function mentionsLostConnection(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (/connection terminated|timeout exceeded when trying to connect|client has encountered/i.test(current.message)) {
      return true;
    }
  }
  return false;
}
