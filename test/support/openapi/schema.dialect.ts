import { isJson, type Json, jsonOf, listOf, textOf } from '../../../src/providers/json.read.js';

/**
 * Where a schema stands: `whole` when it alone describes a value, `part` when others describe the same value
 * beside it (allOf).
 */
export type Standing = 'whole' | 'part';

export type Direction = 'request' | 'answer';

/** Keywords that mean in OpenAPI 3.0 and 3.1 what they mean in JSON Schema 2020-12. */
const SHARED_KEYWORDS = [
  ...['type', 'enum', 'const', 'format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'],
  ...['exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems'],
  ...['minProperties', 'maxProperties'],
] as const;

const COMPONENT = '#/components/schemas/';

/** The address at which a component's schema is found after translation, in each standing. */
export function addressOf(component: string, standing: Standing): string {
  return `https://document.invalid/${standing}/${encodeURIComponent(component)}`;
}

/**
 * Puts a schema of an OpenAPI document (3.0 or 3.1) into JSON Schema 2020-12, and seals it: properties that
 * nothing names do not pass, although OpenAPI by itself lets them.
 */
export class SchemaDialect {
  constructor(private readonly direction: Direction) {}

  translate(schema: unknown, standing: Standing = 'whole'): Json {
    const source = jsonOf(schema);
    const reference = textOf(source.$ref);
    if (reference !== undefined) return { $ref: this.refTo(reference, standing) };
    if (isJson(source.discriminator) && isJson(source.discriminator.mapping))
      return this.discriminated(source.discriminator, standing);
    const translated = {
      ...pick(source, SHARED_KEYWORDS),
      ...impliedType(source),
      ...this.object(source),
      ...(source.items !== undefined && { items: this.translate(source.items) }),
      ...this.composed(source, standing),
      ...(isSealed(source, standing) && { unevaluatedProperties: false }),
    };
    return nullable(source, exclusiveBounds(translated));
  }

  private refTo(reference: string, standing: Standing): string {
    if (!reference.startsWith(COMPONENT)) throw new Error(`${reference} is not a component's schema`);
    return addressOf(reference.slice(COMPONENT.length), standing);
  }

  private object(source: Json): Json {
    const shown = Object.entries(jsonOf(source.properties)).filter(
      ([, property]) => !this.isHidden(property),
    );
    const properties = Object.fromEntries(shown.map(([name, property]) => [name, this.translate(property)]));
    const required = listOf(source.required).filter(
      (name) => !this.isHidden(jsonOf(source.properties)[String(name)]),
    );
    const rest = source.additionalProperties;
    return {
      ...(source.properties !== undefined && { properties }),
      ...(required.length > 0 && { required }),
      ...(rest !== undefined && {
        additionalProperties: typeof rest === 'boolean' ? rest : this.translate(rest),
      }),
    };
  }

  /** What only the provider writes is not part of a request, and the other way round. */
  private isHidden(property: unknown): boolean {
    const { readOnly, writeOnly } = jsonOf(property);
    return this.direction === 'request' ? readOnly === true : writeOnly === true;
  }

  private composed(source: Json, standing: Standing): Json {
    const alternative = describesObject(source) ? 'part' : standing;
    const standings = { allOf: 'part', anyOf: alternative, oneOf: alternative } as const;
    const found = Object.entries(standings).filter(([keyword]) => source[keyword] !== undefined);
    return Object.fromEntries(
      found.map(([keyword, place]) => [
        keyword,
        listOf(source[keyword]).map((member) => this.translate(member, place)),
      ]),
    );
  }

  /** The property's value alone says which alternative it is: others that would fit too do not count. */
  private discriminated(discriminator: Json, standing: Standing): Json {
    const property = String(discriminator.propertyName);
    const mapping = Object.entries(jsonOf(discriminator.mapping));
    return {
      type: 'object',
      required: [property],
      properties: { [property]: { enum: mapping.map(([value]) => value) } },
      allOf: mapping.map(([value, $ref]) => ({
        if: { properties: { [property]: { const: value } }, required: [property] },
        then: this.translate({ $ref }, standing),
      })),
    };
  }
}

/** A schema that was cut short (`x-pruned`) leaves properties out that are there. */
function isSealed(source: Json, standing: Standing): boolean {
  const says = source.additionalProperties !== undefined || source['x-pruned'] !== undefined;
  return standing === 'whole' && describesObject(source) && !says;
}

function describesObject(source: Json): boolean {
  return source.properties !== undefined || source.allOf !== undefined;
}

/** Documents leave the type out where properties tell it; without it any string would do. */
function impliedType(source: Json): Json {
  return source.type === undefined && source.properties !== undefined ? { type: 'object' } : {};
}

/** OpenAPI 3.0 says with a boolean that the bound itself is excluded. */
function exclusiveBounds(schema: Json): Json {
  const { exclusiveMinimum, exclusiveMaximum, minimum, maximum, ...rest } = schema;
  return {
    ...rest,
    ...bound('minimum', 'exclusiveMinimum', minimum, exclusiveMinimum),
    ...bound('maximum', 'exclusiveMaximum', maximum, exclusiveMaximum),
  };
}

function bound(inclusive: string, exclusive: string, limit: unknown, excluded: unknown): Json {
  if (excluded === true) return { [exclusive]: limit };
  return {
    ...(limit !== undefined && { [inclusive]: limit }),
    ...(typeof excluded === 'number' && { [exclusive]: excluded }),
  };
}

/** OpenAPI 3.0 has no type null. */
function nullable(source: Json, schema: Json): Json {
  if (source.nullable !== true) return schema;
  if (typeof schema.type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const values = schema.enum === undefined ? {} : { enum: [...listOf(schema.enum), null] };
  return { ...schema, type: [schema.type, 'null'], ...values };
}

function pick(source: Json, names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(source).filter(([name]) => names.includes(name)));
}
