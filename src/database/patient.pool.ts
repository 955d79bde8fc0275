import { AsyncResource } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { currentPatience } from '../kernel/patience.js';
import { sqlStateOf } from './sql.errors.js';

/** What ends a transaction, or a part of it, takes no limit: Drizzle gives the connection back whatever becomes of it. */
const END_OF_TRANSACTION = /^(rollback|commit)\b/i;
const BEGIN = /^begin\b/i;

/** A limit this close to the usual one is not worth a statement of its own (milliseconds). */
const SLACK_MS = 250;

/** A transaction in which nothing happens for so long is of a process that hangs, or is gone. */
const IDLE_IN_TRANSACTION_MS = 15_000;

/** The server answers a request to cancel at once, or not at all (milliseconds). */
const CANCEL_WITHIN_MS = 900;
const BETWEEN_CANCELS_MS = 250;

/**
 * Limits every statement, and keeps every request to one deadline: what waited for a connection or a statement before
 * gets only what is left for the next one. A transaction tells the server its limits with its begin, which end with it; a
 * single statement is canceled from here. So no limit is the session's, and a pooler may hand sessions round. Set on the
 * driver's own objects, since Drizzle and the pool both call them.
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
    const callback = asked.at(-1);
    const isCalledBack = typeof callback === 'function';
    const answer = within(client, query, isCalledBack ? asked.slice(0, -1) : asked, statementMs);
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
  client: pg.PoolClient,
  query: Call,
  asked: unknown[],
  statementMs: number,
): Promise<unknown> {
  const text = textOf(asked[0]);
  if (END_OF_TRANSACTION.test(text)) return query(...asked);
  const patience = currentPatience();
  const left = patience?.left() ?? Infinity;
  if (BEGIN.test(text)) {
    const limited = withLimits(text, Math.min(statementMs, Math.max(left, SLACK_MS)));
    return Promise.resolve(query(limited)).catch((error: Error) => {
      // Drizzle does not: every failure would cost the pool a connection.
      client.release(error);
      throw error;
    });
  }
  if (left <= 0) throw outOfPatience();
  const waited = patience?.begin();
  try {
    // `null`: nothing was asked on this connection yet.
    const isAlone = (client.getTransactionStatus() ?? 'I') === 'I';
    if (isAlone) return await canceledAfter(Math.min(left, statementMs), client, () => query(...asked));
    if (left > statementMs - SLACK_MS) return await query(...asked);
    await query(`set local statement_timeout = ${Math.ceil(left)}`);
    try {
      return await query(...asked);
    } finally {
      // In a transaction that failed this is refused, and its rollback does it.
      await Promise.resolve(query(`set local statement_timeout = ${statementMs}`)).catch(() => undefined);
    }
  } finally {
    waited?.();
  }
}

/** With the begin, so that they cost no round trip. */
function withLimits(begin: string, statementMs: number): string {
  return (
    `${begin}; set local statement_timeout = ${Math.ceil(statementMs)}; ` +
    `set local idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`
  );
}

/**
 * A single statement, which the server is asked to cancel after so many milliseconds, and again while it goes on: a
 * pooler forgets the request where the statement still waits for a server. The statement ends only once that was
 * answered: a request to cancel that came late would meet whoever has the connection next.
 */
async function canceledAfter(ms: number, client: pg.PoolClient, work: Call): Promise<unknown> {
  let isOver = false;
  let canceling: Promise<void> | undefined;
  const cancelUntilOver = async (): Promise<void> => {
    while (!isOver) {
      await cancel(client);
      await delay(BETWEEN_CANCELS_MS);
    }
  };
  const timer = setTimeout(() => {
    canceling = cancelUntilOver();
  }, ms);
  try {
    return await work();
  } catch (error) {
    if (canceling === undefined) throw error;
    // Before the driver hangs up: what a server works on, it finishes without us.
    if (sqlStateOf(error) === undefined) await cancel(client);
    throw new Error(`statement timeout: canceled after ${Math.ceil(ms)} ms`, { cause: error });
  } finally {
    isOver = true;
    clearTimeout(timer);
    await canceling;
  }
}

/** Asks over a connection of its own, as the protocol wants it. Resolves in any case. */
function cancel(client: pg.PoolClient): Promise<void> {
  const { host, port, ssl } = client;
  const key = [Reflect.get(client, 'processID'), Reflect.get(client, 'secretKey')];
  const connection = new pg.Connection({ ssl });
  const ask = (): void => void callerOf(connection, 'cancel')(...key);
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => connection.stream.destroy(), CANCEL_WITHIN_MS);
    connection.on('connect', () => (ssl ? callerOf(connection, 'requestSsl')() : ask()));
    connection.on('sslconnect', ask);
    connection.on('error', () => undefined);
    connection.on('end', () => {
      clearTimeout(giveUp);
      resolve();
    });
    if (host.startsWith('/')) callerOf(connection, 'connect')(`${host}/.s.PGSQL.${port}`);
    else callerOf(connection, 'connect')(port, host);
  });
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
