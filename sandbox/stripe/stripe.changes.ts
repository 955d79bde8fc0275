/** The old values of the fields that differ, as `previous_attributes` of an event shows them. */
export function changedFields(before: object, after: object): Record<string, unknown> {
  const now = new Map<string, unknown>(Object.entries(after));
  const differs = ([name, value]: [string, unknown]) =>
    JSON.stringify(now.get(name)) !== JSON.stringify(value);
  return Object.fromEntries(Object.entries(before).filter(differs));
}
