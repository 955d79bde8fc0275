import { isJson, type Json, jsonOf, listOf } from '../../../src/providers/json.read.js';

/** Nested as Maps, so that a name such as `__proto__` is a key like any other. */
type Form = string | Map<string, Form>;

/**
 * Reads what can only be sent as text (forms, queries, headers, paths) as the values that it stands for:
 * which of `1` and `"1"` is meant, and whether `a[0]` is a list, only the schema tells.
 */
export class FormReader {
  constructor(private readonly components: Json) {}

  /** Names with brackets nest: `a[b][0]=v`. */
  readForm(schema: Json, text: string): unknown {
    return this.read(schema, decode(text));
  }

  readText(schema: Json, text: string): unknown {
    return this.read(schema, text);
  }

  private read(schema: unknown, form: Form): unknown {
    const variants = this.variants(schema);
    if (typeof form === 'string') return leaf(variants, form);
    const isList = [...form.keys()].every((key) => /^\d+$/.test(key));
    const list = isList ? variants.find((variant) => isOfType(variant, 'array')) : undefined;
    if (list !== undefined) return [...form.values()].map((item) => this.read(list.items, item));
    return Object.fromEntries(
      [...form].map(([name, value]) => [name, this.read(property(variants, name), value)]),
    );
  }

  /** The plain schemas that a value may follow: references followed, alternatives and parts side by side. */
  private variants(schema: unknown): Json[] {
    const node = jsonOf(schema);
    if (typeof node.$ref === 'string')
      return this.variants(this.components[node.$ref.split('/').at(-1) ?? '']);
    const composed = [node.allOf, node.anyOf, node.oneOf].flatMap(listOf);
    return [node, ...composed.flatMap((member) => this.variants(member))];
  }
}

function leaf(variants: readonly Json[], text: string): unknown {
  if (variants.some((variant) => isOfType(variant, 'string') && allows(variant, text))) return text;
  const isNumeric = variants.some((variant) => isOfType(variant, 'number') || isOfType(variant, 'integer'));
  if (isNumeric && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) return Number(text);
  const isBoolean = variants.some((variant) => isOfType(variant, 'boolean'));
  return isBoolean && (text === 'true' || text === 'false') ? text === 'true' : text;
}

function isOfType({ type }: Json, name: string): boolean {
  return [type].flat().includes(name);
}

function allows({ enum: values }: Json, text: string): boolean {
  return values === undefined || listOf(values).includes(text);
}

function property(variants: readonly Json[], name: string): Json {
  const named = variants.map((variant) => jsonOf(variant.properties)[name]).filter(isJson);
  if (named.length > 0) return { anyOf: named };
  return { anyOf: variants.map((variant) => variant.additionalProperties).filter(isJson) };
}

function decode(text: string): Map<string, Form> {
  const root = new Map<string, Form>();
  for (const [name, value] of new URLSearchParams(text)) place(root, stepsOf(name), value);
  return root;
}

/** `line_items[0][price]` → `['line_items', '0', 'price']` */
function stepsOf(name: string): string[] {
  const bracket = name.indexOf('[');
  if (bracket <= 0 || !name.endsWith(']')) return [name];
  return [name.slice(0, bracket), ...name.slice(bracket + 1, -1).split('][')];
}

function place(into: Map<string, Form>, [step = '', ...deeper]: readonly string[], value: string): void {
  // `a[]=1&a[]=2` appends.
  const key = step === '' ? String(into.size) : step;
  if (deeper.length === 0) {
    into.set(key, value);
    return;
  }
  const there = into.get(key);
  const next = there instanceof Map ? there : new Map<string, Form>();
  into.set(key, next);
  place(next, deeper, value);
}
