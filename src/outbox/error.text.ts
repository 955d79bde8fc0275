/**
 * What went wrong, in one line for a log or a column. Drizzle's own message repeats the statement with its
 * parameters, which may be a customer's data: the driver's words underneath do.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
