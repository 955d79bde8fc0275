import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/database.js';
import type { Cause } from '../kernel/applied.js';
import type { Outcome, ProviderCall } from '../providers/provider.calls.js';
import type { ProviderError } from '../providers/provider.errors.js';
import type { Operation } from './operation.store.js';
import type { OperationKind } from './operation.tables.js';

/** A provider's answer, as what to write in the transaction that settles the operation. */
export type Answer = Outcome<(tx: Tx) => Promise<void>>;

/** What a room does with the operations of its kinds. */
export interface OperationHandler<Kind extends OperationKind = OperationKind> {
  /**
   * Locks what the operation is about, in the order in which everybody locks it, before anything is written. Absent:
   * whatever is written locks it first.
   */
  lock?(tx: Tx, operation: Operation): Promise<unknown>;
  /**
   * Makes the recorded call, the first time or again.
   * @param operation with this sending counted: the first one if `attempts` is 1.
   * @throws ProviderError for a definite refusal.
   */
  call(operation: Operation & { kind: Kind }, cause: Cause): Promise<Answer>;
  /** The provider refused for certain: nothing happened there. */
  refused(tx: Tx, operation: Operation, error: ProviderError, cause: Cause): Promise<void>;
  /** Nobody knows what happened; the provider will be asked. */
  unknown?(tx: Tx, operation: Operation, cause: Cause): Promise<void>;
}

/** Which room handles which kind. Rooms register when they are made. */
@Injectable()
export class OperationHandlers {
  private readonly handlers = new Map<OperationKind, OperationHandler>();

  register<Kind extends OperationKind>(kinds: readonly Kind[], handler: OperationHandler<Kind>): void {
    for (const kind of kinds) {
      if (this.handlers.has(kind)) throw new Error(`operations of kind ${kind} have two handlers`);
      this.handlers.set(kind, handler);
    }
  }

  of(kind: OperationKind): OperationHandler {
    const handler = this.handlers.get(kind);
    if (handler === undefined) throw new Error(`nobody handles operations of kind ${kind}`);
    return handler;
  }
}

/** The call as the provider's adapter takes it. @param operation with the present sending counted. */
export function callOf({ id, request, attempts, firstSentAt }: Operation): ProviderCall {
  const sentBefore = attempts > 1 && firstSentAt !== null ? { sentBefore: firstSentAt } : {};
  return { operationId: id, request, ...sentBefore };
}
