import { type Caller, OPEN_CALLER, PUBLIC_CALLER } from './caller.js';

/** A row by the group of the caller that made it; rows of the time before groups hold the key's name. */
export interface OwnedRow {
  caller: string;
  /** True: made by the service that this one replaced, for nobody's key. */
  adopted?: boolean;
}

/** What browsers made with an order's id alone, and what was made while no key was configured, is nobody's. */
const NOBODY: readonly string[] = [PUBLIC_CALLER.group, OPEN_CALLER.group];

/** The group that a row belongs to; undefined: nobody's. */
export function ownerOf({ caller, adopted = false }: OwnedRow): string | undefined {
  return adopted || NOBODY.includes(caller) ? undefined : caller;
}

/** Operator keys, callers over NATS, and everybody while no key is configured. */
export function actsOnEverything(caller: Caller): boolean {
  return caller.roles.includes('operator');
}

/** Whose rows a caller sees, by the group in the row; undefined: everybody's. A service sees its group's and nobody's. */
export function visibleTo(caller: Caller): string[] | undefined {
  return actsOnEverything(caller) ? undefined : [caller.group, ...NOBODY];
}

export function maySee(caller: Caller, row: OwnedRow): boolean {
  const owner = ownerOf(row);
  return actsOnEverything(caller) || owner === undefined || owner === caller.group;
}
