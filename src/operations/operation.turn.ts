import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../database/database.js';
import type { Cause } from '../kernel/applied.js';
import { Clock } from '../kernel/clock.js';
import { ServiceError } from '../kernel/errors.js';
import { OutboxSignal } from '../outbox/outbox.signal.js';
import { OperationExecutor, type Settlement } from './operation.executor.js';
import { type Operation, OperationStore } from './operation.store.js';

/** What comes next for a subject, decided under its lock without calling anybody. */
export type Next<T> =
  | { kind: 'settled'; value: T }
  /** Recorded calls, ours to make one after the other. */
  | { kind: 'call'; operations: readonly Operation[] }
  | Earlier;

/** What another caller left behind, or is doing. */
export type Earlier =
  /** Nobody is making this recorded call, which has to end first; it is ours to make. */
  | { kind: 'earlier'; operation: Operation }
  /** Somebody is making a call for the subject. `details` go into the error if that does not end in time. */
  | { kind: 'busy'; details?: Record<string, unknown> };

/** What one caller wants of one subject: an order, a customer, a plan, a subscription, a card form. */
export interface Turn<T> {
  /** The subject, as callers of this process wait for each other: `order:A-17`. */
  subject: string;
  /** The subject in words, for the error: `order`. */
  noun: string;
  /** Its id in the errors' details, such as `{ planId }`. */
  details: Record<string, unknown>;
  /** To wait for calls of others about the subject. Default: refuse at once, but for a place in the line. */
  patienceMs?: number;
  /**
   * Locks the subject in a transaction of its own; again after each call that did not settle the matter.
   * @throws ServiceError to refuse; then nothing is recorded.
   */
  decide(tx: Tx): Promise<Next<T>>;
  /**
   * After each call. @throws ServiceError to end the turn with it.
   * @param isEarlier left behind by another: its refusal is usually no answer to this caller.
   */
  settled(operation: Operation, settlement: Settlement, isEarlier: boolean): Promise<void> | void;
  /** After the last of our own calls: what was wanted, or undefined to decide again. */
  result(operations: readonly Operation[]): Promise<T | undefined>;
}

/** How long a request waits for its subject to be free. */
export const PATIENCE_MS = 20_000;
/** The least wait behind others who decide: fast, but for a busy machine. */
const LINE_PATIENCE_MS = 5_000;
const BUSY_PAUSE_MS = 150;

/**
 * One caller's hold on a subject: lock it, end or wait for what was left behind, decide, record the exact call, commit,
 * make the call, tell. Callers of this process queue here for each subject, and hold no database connection meanwhile.
 */
@Injectable()
export class OperationTurn {
  private readonly lines = new Map<string, WaitingLine>();

  constructor(
    private readonly database: Database,
    private readonly operations: OperationStore,
    private readonly executor: OperationExecutor,
    private readonly signal: OutboxSignal,
    private readonly clock: Clock,
  ) {}

  /** @throws ServiceError operation_in_doubt when the subject stays busy; what `decide` and `settled` throw. */
  async take<T>(turn: Turn<T>, cause: Cause): Promise<T> {
    const { patienceMs = 0 } = turn;
    const begunAt = this.clock.now().getTime();
    const giveUpAt = begunAt + patienceMs;
    // However little it waits for others: what comes before it may take some calls of its own.
    const endAt = begunAt + Math.max(patienceMs, PATIENCE_MS);
    for (;;) {
      const next = await this.decide(turn, giveUpAt);
      if (next.kind === 'settled') return next.value;
      const isEarlier = next.kind === 'earlier';
      const operations = isEarlier ? [next.operation] : next.operations;
      for (const operation of operations) {
        const settlement = await this.make(operation, cause, turn.subject);
        await turn.settled(operation, settlement, isEarlier);
      }
      const value = isEarlier ? undefined : await turn.result(operations);
      if (value !== undefined) return value;
      if (this.clock.now().getTime() >= endAt) throw inDoubt(turn, undefined);
    }
  }

  /**
   * What comes before anything new about a subject that `tx` has locked. A sent charge is never taken over.
   * @param assertWaits throws for a call whose end nobody waits for.
   */
  async leftBehind(
    tx: Tx,
    subjectId: string,
    assertWaits?: (unsettled: Operation) => void,
  ): Promise<Earlier | undefined> {
    const unsettled = await this.operations.unsettledOf(tx, subjectId);
    if (unsettled === undefined) return undefined;
    assertWaits?.(unsettled);
    const operation = await this.operations.takeOver(tx, unsettled.id);
    return operation === undefined ? { kind: 'busy' } : { kind: 'earlier', operation };
  }

  /** Makes a recorded call that is leased to the caller. */
  async make(operation: Operation, cause: Cause, subject?: string): Promise<Settlement> {
    try {
      return await this.executor.execute(operation, cause);
    } finally {
      this.signal.wake();
      if (subject !== undefined) this.lines.get(subject)?.somethingEnded();
    }
  }

  /** The head of the line decides, and waits there while the subject is busy. */
  private async decide<T>(turn: Turn<T>, giveUpAt: number): Promise<Exclude<Next<T>, { kind: 'busy' }>> {
    const line = this.lines.get(turn.subject) ?? new WaitingLine(this.clock);
    this.lines.set(turn.subject, line);
    try {
      if (!(await line.enter(Math.max(giveUpAt, this.clock.now().getTime() + LINE_PATIENCE_MS))))
        throw inDoubt(turn, line.busyWith);
      try {
        for (;;) {
          const next = await this.database.transaction((tx) => turn.decide(tx));
          if (next.kind !== 'busy') return next;
          line.busyWith = next.details;
          if (this.clock.now().getTime() >= giveUpAt) throw inDoubt(turn, next.details);
          await line.ended(BUSY_PAUSE_MS);
        }
      } finally {
        line.leave();
      }
    } finally {
      if (line.isEmpty) this.lines.delete(turn.subject);
    }
  }
}

/** First come, first served. */
class WaitingLine {
  busyWith: Record<string, unknown> | undefined;
  private isTaken = false;
  private readonly waiting: ((isTurn: boolean) => void)[] = [];
  private wake: (() => void) | undefined;

  constructor(private readonly clock: Clock) {}

  get isEmpty(): boolean {
    return !this.isTaken && this.waiting.length === 0;
  }

  /** False when its turn has not come by then. */
  async enter(giveUpAt: number): Promise<boolean> {
    if (!this.isTaken) {
      this.isTaken = true;
      return true;
    }
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(called), 1);
        resolve(false);
      }, giveUpAt - this.clock.now().getTime());
      const called = (isTurn: boolean): void => {
        clearTimeout(timer);
        resolve(isTurn);
      };
      this.waiting.push(called);
    });
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.isTaken = false;
    else next(true);
  }

  /** Until a call of this process ends, or a while is over: another process may be making one. */
  async ended(atMostMs: number): Promise<void> {
    const call = new Promise<void>((resolve) => (this.wake = resolve));
    await Promise.race([call, this.clock.sleep(atMostMs)]);
    this.wake = undefined;
  }

  somethingEnded(): void {
    this.wake?.();
  }
}

function inDoubt<T>({ noun, details }: Turn<T>, busyWith: Record<string, unknown> | undefined): ServiceError {
  return new ServiceError('operation_in_doubt', `another request for this ${noun} has not ended yet`, {
    ...details,
    ...busyWith,
  });
}
