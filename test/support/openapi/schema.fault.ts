import type { ErrorObject } from 'ajv';
import { isJson } from '../../../src/providers/json.read.js';

/** What is wrong with a value, and where in it. */
export interface SchemaFault {
  /** Names and positions from the value's root; empty: the value itself. */
  path: readonly string[];
  problem: string;
  /** The property has a name that the schema does not tell; wrong only where that is forbidden. */
  unknown: boolean;
  /** The value is of another kind altogether than the schema describes. */
  misfit: boolean;
}

/** `line_items[0].price_data has …` */
export function sayFault(subject: string, { path, problem }: SchemaFault): string {
  const steps = path.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`));
  return `${[subject, ...steps].join('')} ${problem}`;
}

/** Needs errors that carry their data (`verbose`). */
export function faultOf(error: ErrorObject): SchemaFault {
  const path = stepsOf(error.instancePath);
  const unknown = error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties';
  return { path, problem: problemOf(error), unknown, misfit: error.keyword === 'type' || isWrongKind(error) };
}

/** JSON pointer to steps. */
export function stepsOf(pointer: string): string[] {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** `object` is how both providers say what an object is. */
function isWrongKind({ keyword, instancePath }: ErrorObject): boolean {
  return keyword === 'enum' && instancePath.endsWith('/object');
}

function problemOf({ keyword, params, data, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return `lacks "${String(params.missingProperty)}"`;
    case 'additionalProperties':
      return `has "${String(params.additionalProperty)}", which the document does not know`;
    case 'unevaluatedProperties':
      return `has "${String(params.unevaluatedProperty)}", which the document does not know`;
    case 'type':
      return `is ${show(data)} and must be of type ${[params.type].flat().join(' or ')}`;
    case 'enum':
      return `is ${show(data)} and must be one of ${show(params.allowedValues)}`;
    default:
      return `is ${show(data)} and ${message ?? `breaks ${keyword}`}`;
  }
}

const LONGEST = 300;

function show(value: unknown): string {
  if (isJson(value)) return `an object (${Object.keys(value).slice(0, 6).join(', ')})`;
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
