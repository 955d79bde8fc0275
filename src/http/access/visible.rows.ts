import { type Caller, PUBLIC_CALLER } from './caller.js';

/**
 * Whose rows a caller sees; undefined: everybody's. A service sees its own, and those that browsers made with an
 * order's id alone: they belong to nobody's key.
 */
export function visibleTo(caller: Caller): string[] | undefined {
  return caller.roles.includes('operator') ? undefined : [caller.name, PUBLIC_CALLER.name];
}

/** @param row with the name of the caller that made it. */
export function maySee(caller: Caller, row: { caller: string }): boolean {
  return visibleTo(caller)?.includes(row.caller) ?? true;
}
