import { AsyncResource } from 'node:async_hooks';
import type pg from 'pg';
import { currentPatience, type Patience } from '../kernel/patience.js';

/** Drizzle gives no connection back whose `begin` failed; the others end a transaction, and its locks with it. */
const OF_TRANSACTIONS = /^(begin|rollback|commit)/i;

/** A limit this close to the connection's own is not worth a statement of its own (milliseconds). */
const SLACK_MS = 250;

/**
 * Keeps every request to one deadline: what waited for a connection or a statement before gets only what is left for
 * the next one. Set on the driver's own objects, since Drizzle and the pool both call them.
 * @param statementMs the limit of a statement without a request.
 */
export function keepToPatience(pool: pg.Pool, statementMs: number): void {
  const connect = callerOf(pool, 'connect');
  replace(pool, 'connect', (...asked) => {
    const [callback] = asked;
    const patience = currentPatience();
    if (patience !== undefined && patience.left() <= 0) {
      if (typeof callback !== 'function') return Promise.reject(outOfPatience());
      return Reflect.apply(callback, undefined, [outOfPatience()]);
    }
    const waited = patience?.begin();
    if (typeof callback !== 'function') return Promise.resolve(connect()).finally(() => waited?.());
    // The pool calls back from whoever gave the connection back: its patience is not ours.
    const bound = AsyncResource.bind((...given: unknown[]): unknown =>
      Reflect.apply(callback, undefined, given),
    );
    return connect((...given: unknown[]) => {
      waited?.();
      return bound(...given);
    });
  });
  pool.on('connect', (client) => keepClient(client, statementMs));
}

function keepClient(client: pg.PoolClient, statementMs: number): void {
  const query = callerOf(client, 'query');
  replace(client, 'query', (...asked) => {
    const patience = currentPatience();
    if (patience === undefined || patience.left() === Infinity || OF_TRANSACTIONS.test(textOf(asked[0])))
      return query(...asked);
    const callback = asked.at(-1);
    const isCalledBack = typeof callback === 'function';
    const answer = within(patience, query, isCalledBack ? asked.slice(0, -1) : asked, statementMs);
    if (!isCalledBack) return answer;
    answer.then(
      (result) => Reflect.apply(callback, undefined, [null, result]),
      (error: unknown) => Reflect.apply(callback, undefined, [error]),
    );
    return undefined;
  });
}

/** In the driver's words for a statement that took too long. */
function outOfPatience(): Error {
  return new Error('query read timeout: this request has waited for the database long enough');
}

type Call = (...given: unknown[]) => unknown;

async function within(
  patience: Patience,
  query: Call,
  asked: unknown[],
  statementMs: number,
): Promise<unknown> {
  const left = patience.left();
  if (left <= 0) throw outOfPatience();
  const waited = patience.begin();
  try {
    if (left > statementMs - SLACK_MS) return await query(...asked);
    await query(`set statement_timeout = ${Math.ceil(left)}`);
    try {
      return await query(...asked);
    } finally {
      // In a transaction that failed this is refused, and its rollback does it.
      await Promise.resolve(query('set statement_timeout to default')).catch(() => undefined);
    }
  } finally {
    waited();
  }
}

/** The method as it is now, whatever its overloads. */
function callerOf(target: object, name: string): Call {
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== 'function') throw new Error(`the driver has no ${name}`);
  return (...given) => Reflect.apply(method, target, given);
}

function replace(target: object, name: string, value: Call): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  return typeof query === 'object' && query !== null && 'text' in query ? String(query.text) : '';
}
