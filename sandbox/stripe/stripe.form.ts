/**
 * Stripe's form encoding: `a[b][0][c]=v`. Nested as Maps, so that a name such as `__proto__`
 * is a key like any other.
 */
export type FormValue = string | FormMap;
export type FormMap = Map<string, FormValue>;

export function decodeForm(text: string): FormMap {
  const root: FormMap = new Map();
  for (const [name, value] of new URLSearchParams(text)) setPath(root, segments(name), value);
  return root;
}

/** Parameters as a program holds them: `null` unsets, as the empty text of a form does. */
export function formOf(params: object): FormMap {
  return new Map(
    Object.entries(params)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]: [string, unknown]) => [name, formValue(value)]),
  );
}

function formValue(value: unknown): FormValue {
  if (value === null) return '';
  return typeof value === 'object' ? formOf(value) : String(value);
}

/** The same parameters in another order give the same text. */
export function canonicalForm(text: string): string {
  const pairs = [...new URLSearchParams(text)].map((pair) => JSON.stringify(pair));
  return pairs.sort().join('\n');
}

/** `line_items[0][price]` → `['line_items', '0', 'price']`. */
function segments(name: string): string[] {
  const bracket = name.indexOf('[');
  if (bracket <= 0 || !name.endsWith(']')) return [name];
  return [name.slice(0, bracket), ...name.slice(bracket + 1, -1).split('][')];
}

function setPath(root: FormMap, path: string[], value: string): void {
  let at = root;
  path.forEach((segment, depth) => {
    // `list[]=a&list[]=b` appends.
    const key = segment === '' ? String(at.size) : segment;
    if (depth === path.length - 1) {
      at.set(key, value);
      return;
    }
    const next = at.get(key);
    if (next instanceof Map) {
      at = next;
      return;
    }
    const fresh: FormMap = new Map();
    at.set(key, fresh);
    at = fresh;
  });
}
