import type { ValidationError } from '@nestjs/common';
import type { FieldFault } from '../../kernel/errors.js';

const MAX_FAULTS = 20;

/** A field's name comes from the request, so it is cut before it is repeated. */
const MAX_FIELD_LENGTH = 100;

/** class-validator's tree as a flat list of paths such as `items[0].price`, values left out. */
export function toFieldFaults(errors: readonly ValidationError[]): FieldFault[] {
  const faults: FieldFault[] = [];
  collect(errors, '', faults);
  return faults;
}

function collect(errors: readonly ValidationError[], parent: string, faults: FieldFault[]): void {
  for (const error of errors) {
    const field = pathOf(parent, error.property);
    const fault = firstFault(error.constraints ?? {});
    if (fault !== undefined) {
      if (faults.length >= MAX_FAULTS) return;
      const rule = ruleOf(fault[0], fault[1], error.property);
      faults.push({ field: field.slice(0, MAX_FIELD_LENGTH), rule });
    }
    collect(error.children ?? [], field, faults);
  }
}

/** What a text in place of a number breaks first is that it is none, and not that it is too small. */
const OF_THE_TYPE = ['isInt', 'isNumber', 'isString', 'isArray', 'isBoolean'];

/** One rule for each field, though it may break several: the one of its type, else the first. */
function firstFault(constraints: Record<string, string>): [name: string, message: string] | undefined {
  const broken = Object.entries(constraints);
  return broken.find(([name]) => OF_THE_TYPE.includes(name)) ?? broken[0];
}

function pathOf(parent: string, property: string): string {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent === '' ? property : `${parent}.${property}`;
}

/** The message without the field's name, which stands beside it. */
function ruleOf(name: string, message: string, property: string): string {
  if (name === 'whitelistValidation') return 'is not a known field';
  if (name === 'nestedValidation') return 'must be an object or a list of objects';
  if (message.startsWith('Validation failed')) return 'must be an object';
  if (message.startsWith(`${property} `)) return message.slice(property.length + 1);
  return message.replace(`each value in ${property} `, 'each value ');
}
