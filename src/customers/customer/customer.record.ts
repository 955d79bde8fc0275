import type { CustomerCommand } from '../../providers/billing.ports.js';
import { isJson, jsonOf, metadataOf, textOf } from '../../providers/json.read.js';

/** A command as it is to be recorded. */
export interface PlannedCommand {
  provider: string;
  command: CustomerCommand;
  /** The provider's id of what is acted upon, where it has one already. */
  target?: string | undefined;
  /** Default: a new one. */
  operationId?: string | undefined;
  after?: Aftermath | undefined;
}

/** What is to be written here when the provider has acted; no provider tells it. */
export interface Aftermath {
  /** The customer's own, in whole. */
  metadata?: Record<string, string> | undefined;
  /** The setup that the added card came of. */
  setupId?: string | undefined;
}

const AFTER = 'after';

/** The provider's request with what follows it: adapters take from a record what they have put there. */
export function recordOf(
  request: Readonly<Record<string, unknown>>,
  after: Aftermath | undefined,
): Record<string, unknown> {
  return { ...request, ...(after !== undefined && { [AFTER]: after }) };
}

export function aftermathOf(request: Record<string, unknown>): Aftermath {
  const { metadata, setupId } = jsonOf(request[AFTER]);
  return {
    ...(isJson(metadata) && { metadata: { ...metadataOf(metadata) } }),
    ...(textOf(setupId) !== undefined && { setupId: textOf(setupId) }),
  };
}
