import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/database.js';
import { operatorActions } from './operator.log.tables.js';

export interface OperatorAction {
  /** Name of the API key, or `cli:<user>`. */
  actor: string;
  /** Such as `messages.republish`. */
  action: string;
  target?: string | undefined;
  /** What was asked for, and what came of it: no secrets, no personal data. */
  detail?: Record<string, unknown> | undefined;
}

/** The audit log of everything that an operator does by hand. */
@Injectable()
export class OperatorLog {
  /** Call it in the transaction of the action itself, where there is one. */
  async record(db: Queryable, { actor, action, target, detail = {} }: OperatorAction): Promise<void> {
    await db.insert(operatorActions).values({ actor, action, target: target ?? null, detail });
  }
}
