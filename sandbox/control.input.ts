import type { DeliverySwitches, DropRule } from './delivery.switches.js';
import { FAULT_KINDS, type FaultRule } from './faults.js';

/** A control request that cannot be understood; the message names the field. */
export class BadControl extends Error {}

export type Input = Record<string, unknown>;

export function stringIn(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === 'string') return value;
  throw new BadControl(`${name} must be a string`);
}

export function numberIn(input: Input, name: string): number {
  const value = input[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new BadControl(`${name} must be an integer`);
}

export function booleanIn(input: Input, name: string): boolean {
  const value = input[name];
  if (typeof value === 'boolean') return value;
  throw new BadControl(`${name} must be true or false`);
}

export function listIn(input: Input, name: string): string[] {
  const value = input[name];
  if (!Array.isArray(value)) throw new BadControl(`${name} must be a list of strings`);
  return value.map((item: unknown) => stringIn({ [name]: item }, name));
}

export function optional<T>(
  input: Input,
  name: string,
  read: (input: Input, name: string) => T,
): T | undefined {
  return input[name] === undefined ? undefined : read(input, name);
}

export function anOutcome(input: Input): 'won' | 'lost' {
  const outcome = stringIn(input, 'outcome');
  if (outcome === 'won' || outcome === 'lost') return outcome;
  throw new BadControl('outcome must be won or lost');
}

/** The switches that are named; `null` turns `reorder` and `drop` off. */
export function deliveryIn(input: Input): Partial<DeliverySwitches> {
  const changes: Partial<DeliverySwitches> = {};
  for (const name of ['duplicate', 'delayMs', 'concurrency'] as const) {
    const value = optional(input, name, numberIn);
    if (value !== undefined) changes[name] = value;
  }
  const paused = optional(input, 'paused', booleanIn);
  if (paused !== undefined) changes.paused = paused;
  if (input['reorder'] === null) changes.reorder = null;
  else if (input['reorder'] !== undefined)
    changes.reorder = { seed: numberIn(objectIn(input, 'reorder'), 'seed') };
  if (input['drop'] === null) changes.drop = null;
  else if (input['drop'] !== undefined) changes.drop = dropIn(objectIn(input, 'drop'));
  return changes;
}

function dropIn(input: Input): DropRule {
  const all = optional(input, 'all', booleanIn);
  const types = optional(input, 'types', listIn);
  const next = optional(input, 'next', numberIn);
  return { ...(all !== undefined && { all }), ...(types && { types }), ...(next !== undefined && { next }) };
}

/** One rule, or several under `rules`. */
export function faultsIn(input: Input): FaultRule[] {
  if (input['rules'] === undefined) return [faultIn(input)];
  const rules = input['rules'];
  if (!Array.isArray(rules)) throw new BadControl('rules must be a list');
  return rules.map((rule: unknown) => faultIn(objectIn({ rule }, 'rule')));
}

function faultIn(input: Input): FaultRule {
  const named = stringIn(input, 'kind');
  const kind = FAULT_KINDS.find((one) => one === named);
  if (!kind) throw new BadControl(`kind must be one of ${FAULT_KINDS.join(', ')}`);
  const rule: FaultRule = { kind };
  for (const name of ['method', 'path'] as const) {
    const value = optional(input, name, stringIn);
    if (value !== undefined) rule[name] = value;
  }
  for (const name of ['count', 'status', 'retryAfterSeconds', 'delayMs'] as const) {
    const value = optional(input, name, numberIn);
    if (value !== undefined) rule[name] = value;
  }
  for (const name of ['exact', 'stored'] as const) {
    const value = optional(input, name, booleanIn);
    if (value !== undefined) rule[name] = value;
  }
  return rule;
}

export function objectIn(input: Input, name: string): Input {
  const value = input[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadControl(`${name} must be an object`);
  }
  return { ...value };
}
