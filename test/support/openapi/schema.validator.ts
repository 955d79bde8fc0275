import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isJson, type Json } from '../../../src/providers/json.read.js';
import { addressOf, type Direction, SchemaDialect } from './schema.dialect.js';
import { faultOf, type SchemaFault, stepsOf } from './schema.fault.js';

/** Formats that JSON Schema does not define, or that ajv-formats takes more narrowly than documents mean them. */
const FORMATS = {
  decimal: /^-?\d+(\.\d+)?$/,
  url: (text: string) => URL.canParse(text),
};

/** Checks values against the schemas of one OpenAPI document. */
export class SchemaValidator {
  private readonly ajv: Ajv2020;
  private readonly dialect: SchemaDialect;
  private readonly compiled = new Map<unknown, ValidateFunction>();

  constructor(components: Json, direction: Direction) {
    this.dialect = new SchemaDialect(direction);
    this.ajv = new Ajv2020({
      allErrors: true,
      verbose: true,
      strict: false,
      validateSchema: false,
      unicodeRegExp: false,
    });
    addFormats.default(this.ajv);
    for (const format of formatsIn(components)) {
      // A format that nobody here knows says nothing.
      if (this.ajv.formats[format] === undefined) this.ajv.addFormat(format, true);
    }
    for (const [name, format] of Object.entries(FORMATS)) this.ajv.addFormat(name, format);
    // Each under its own address, so that each is compiled once however many schemas refer to it.
    for (const [name, schema] of Object.entries(components)) {
      for (const standing of ['whole', 'part'] as const) {
        this.ajv.addSchema(this.dialect.translate(schema, standing), addressOf(name, standing));
      }
    }
  }

  /** Everything that is wrong with a value, by a schema as it stands in the document. */
  faults(schema: Json, value: unknown): SchemaFault[] {
    const key = schema.$ref ?? schema;
    const validate = this.compiled.get(key) ?? this.ajv.compile(this.dialect.translate(schema));
    this.compiled.set(key, validate);
    return this.run(validate, value);
  }

  private run(validate: ValidateFunction, value: unknown): SchemaFault[] {
    return validate(value) ? [] : this.digest(validate.errors ?? []);
  }

  /**
   * A value that fits none of several alternatives is told by the alternative that it comes closest to:
   * what it breaks of the others is noise.
   */
  private digest(errors: readonly ErrorObject[]): SchemaFault[] {
    const forks = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
    const outermost = forks.filter((fork) => !forks.some((other) => other !== fork && isInside(fork, other)));
    const plain = errors.filter(
      (error) =>
        error.keyword !== 'if' && !forks.includes(error) && !forks.some((fork) => isInside(error, fork)),
    );
    return unique([...plain.map(faultOf), ...outermost.flatMap((fork) => this.closest(fork))]);
  }

  private closest(fork: ErrorObject): SchemaFault[] {
    const alternatives: unknown = fork.schema;
    if (fork.keyword === 'oneOf' && fork.params.passingSchemas !== null) return [faultOf(fork)];
    if (!Array.isArray(alternatives)) throw new Error(`${fork.schemaPath} has no alternatives`);
    const told = alternatives.filter(isJson).map((schema) => this.run(this.ajv.compile(schema), fork.data));
    const [nearest = []] = told.sort((a, b) => distance(a) - distance(b));
    const from = stepsOf(fork.instancePath);
    return nearest.map((fault) => ({ ...fault, path: [...from, ...fault.path] }));
  }
}

/** Below the value that the fork is about, or at it. */
function isInside(error: ErrorObject, fork: ErrorObject): boolean {
  const { instancePath } = fork;
  return error.instancePath === instancePath || error.instancePath.startsWith(`${instancePath}/`);
}

/**
 * Any number of unknown properties is nearer than one fault, and any number of faults nearer than an alternative
 * for another kind of value.
 */
function distance(faults: readonly SchemaFault[]): number {
  return faults.reduce((sum, { path, misfit, unknown }) => {
    if (misfit && path.length <= 1) return sum + 1e9 / (path.length + 1);
    return sum + (unknown ? 1 : 1e4);
  }, 0);
}

function unique(faults: readonly SchemaFault[]): SchemaFault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
}

function formatsIn(value: unknown): Set<string> {
  const found = new Set<string>();
  const look = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(look);
    if (!isJson(node)) return;
    if (typeof node.format === 'string') found.add(node.format);
    Object.values(node).forEach(look);
  };
  look(value);
  return found;
}
