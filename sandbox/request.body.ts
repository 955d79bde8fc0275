/** The text of a request body; nothing was sent means the empty text. */
export function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : '';
}

/** A plain object out of a JSON body, or an empty one; throws SyntaxError on broken JSON. */
export function jsonObject(body: unknown): Record<string, unknown> {
  const text = bodyText(body).trim();
  if (text === '') return {};
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new SyntaxError('the body must be a JSON object');
  }
  return { ...parsed };
}
