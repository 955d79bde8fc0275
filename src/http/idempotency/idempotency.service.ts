import { createParamDecorator, type ExecutionContext, Injectable, Optional } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Database } from '../../database/database.js';
import { ERROR_CODES, type ErrorBody, invalidField, ServiceError } from '../../kernel/errors.js';
import { toServiceError } from '../filters/error.filter.js';
import { type Claim, IdempotencyStore, type KeyRef, type StoredAnswer } from './idempotency.store.js';

export interface IdempotentRequest {
  /** {@link Caller.group}: two groups never share a key. */
  caller: string;
  /** The header's value; without one the work simply runs. */
  key: string | undefined;
  /** Name of what is asked, such as `payments.create-session`. */
  operation: string;
  /** What is asked, as parsed. */
  request: unknown;
}

/** What the work makes: a repeat after a crash continues with it. */
export interface RememberedResource {
  /** Set when an earlier attempt got so far. */
  readonly id?: string;
  /** Call before anything leaves the process. @throws ServiceError operation_in_doubt when another took over. */
  remember(id: string): Promise<void>;
}

/** How long a crashed process keeps its key (renewed three times within), and how long a repeat waits for the first. */
const DEFAULT_TIMING = { leaseMs: 10_000, waitMs: 15_000 };

type Work<T> = (resource: RememberedResource) => Promise<T>;

const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = 250;

/** Runs work once for each (caller, key), on whatever process the repeats arrive. */
@Injectable()
export class IdempotencyService {
  /** This process's own: a repeat waits here, and does not ask the database meanwhile. */
  private readonly working = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly store: IdempotencyStore,
    @Optional() private readonly timing = DEFAULT_TIMING,
  ) {}

  /**
   * The answer of `work`, or the one stored for the key: answers below 500 and lasting refusals are. After anything else
   * a repeat runs the work again.
   * @throws ServiceError idempotency_key_reused, operation_in_doubt, invalid_request, and whatever work throws.
   */
  async run(asked: IdempotentRequest, work: Work<StoredAnswer>): Promise<StoredAnswer> {
    if (asked.key === undefined) return work({ remember: () => Promise.resolve() });
    checkIdempotencyKey(asked.key);
    const hash = hashRequest(asked.operation, asked.request);
    const state = await this.settle({ caller: asked.caller, key: asked.key }, hash);
    if (state.kind === 'claimed') return this.workAs(state.claim, work);
    const error = fromStoredError(state.answer);
    if (error !== undefined) throw error;
    return state.answer;
  }

  /** As {@link run}, for work that makes something: answers 201 with it. Resolves to the answer's body. */
  async make(asked: IdempotentRequest, work: Work<unknown>): Promise<unknown> {
    const { body } = await this.run(asked, async (resource) => ({ status: 201, body: await work(resource) }));
    return body;
  }

  /** Claims the key or waits until somebody else has the answer. */
  private async settle(ref: KeyRef, hash: string) {
    const giveUpAt = performance.now() + this.timing.waitMs;
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 2, LONGEST_POLL_MS)) {
      await this.endOfWork(ref, giveUpAt - performance.now());
      const state = await this.store.claim(this.database.db, ref, hash, this.timing.leaseMs);
      if (state.kind === 'claimed' || state.kind === 'answered') return state;
      if (state.kind === 'reused') {
        throw new ServiceError('idempotency_key_reused', 'this Idempotency-Key was used for another request');
      }
      if (performance.now() >= giveUpAt) throw inDoubt();
      await pause(pollMs);
    }
  }

  private async endOfWork(ref: KeyRef, atMostMs: number): Promise<void> {
    const work = this.working.get(nameOf(ref));
    if (work === undefined || atMostMs <= 0) return;
    const waiting = new AbortController();
    const { signal } = waiting;
    await Promise.race([work, pause(atMostMs, undefined, { signal }).catch(() => undefined)]);
    waiting.abort();
  }

  private async workAs(claim: Claim, work: Work<StoredAnswer>): Promise<StoredAnswer> {
    const stopRenewing = this.keepLease(claim);
    let ended: () => void = () => undefined;
    this.working.set(nameOf(claim), new Promise((resolve) => (ended = resolve)));
    try {
      const answer = asJson(await work(this.resourceOf(claim)));
      if (answer.status < 500) await this.store.finish(this.database.db, claim, answer);
      else await this.store.release(this.database.db, claim);
      return answer;
    } catch (thrown) {
      await this.keepOrRelease(claim, toServiceError(thrown));
      throw thrown;
    } finally {
      stopRenewing();
      this.working.delete(nameOf(claim));
      ended();
    }
  }

  private async keepOrRelease(claim: Claim, error: ServiceError): Promise<void> {
    const { status, retryable } = error;
    try {
      // A refusal that a repeat would meet again. Outages and doubts pass.
      if (status < 500 && !retryable)
        await this.store.finish(this.database.db, claim, { status, body: error.toBody() });
      else await this.store.release(this.database.db, claim);
    } catch {
      // The database is away: the lease runs out by itself. The caller has to see the first error.
    }
  }

  private resourceOf(claim: Claim): RememberedResource {
    const remember = async (id: string): Promise<void> => {
      if (!(await this.store.remember(this.database.db, claim, id))) throw inDoubt();
    };
    return claim.resourceId === undefined ? { remember } : { id: claim.resourceId, remember };
  }

  /** A failed renewal is no fault: the claim's attempt fences what follows. */
  private keepLease(claim: Claim): () => void {
    const renew = (): void => {
      this.store.renew(this.database.db, claim, this.timing.leaseMs).catch(() => undefined);
    };
    const timer = setInterval(renew, this.timing.leaseMs / 3);
    timer.unref();
    return () => clearInterval(timer);
  }
}

function inDoubt(): ServiceError {
  const message = 'the first request with this Idempotency-Key is still under way';
  return new ServiceError('operation_in_doubt', message);
}

/** As a repeat will read it: a first answer and a stored one must not differ. */
function asJson({ status, body }: StoredAnswer): StoredAnswer {
  return body === undefined ? { status, body } : { status, body: JSON.parse(JSON.stringify(body)) };
}

const HEADER = 'Idempotency-Key';

/** The header as it came, undefined when absent and over NATS. {@link IdempotencyService.run} checks its form. */
export const IdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  if (context.getType() !== 'http') return undefined;
  return context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
});

/** @throws ServiceError idempotency_key_required */
export function requireIdempotencyKey(key: string | undefined): string {
  if (key !== undefined) return key;
  throw new ServiceError(
    'idempotency_key_required',
    `${HEADER} is required here: the header, or over NATS the field idempotencyKey`,
  );
}

/** @throws ServiceError invalid_request unless it is 1 to 255 visible ASCII characters. */
function checkIdempotencyKey(key: string): void {
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw invalidField(HEADER, 'must be 1 to 255 visible ASCII characters');
}

/** SHA-256 (hex) of what is asked, the same for the same JSON in whatever order its keys came. */
export function hashRequest(operation: string, request: unknown): string {
  return createHash('sha256')
    .update(`${operation}\n${canonicalJson(request)}`)
    .digest('hex');
}

/** JSON with sorted keys; bigints as text. The request was parsed, so its depth is bounded. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return item.toString();
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}

/** Undefined for a success. */
function fromStoredError({ status, body }: StoredAnswer): ServiceError | undefined {
  if (status < 400 || !isErrorBody(body)) return undefined;
  return new ServiceError(body.code, body.message, body.details);
}

function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== 'object' || body === null) return false;
  if (!('code' in body) || !('message' in body) || !('details' in body)) return false;
  const { code, message, details } = body;
  const isKnown = typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
  return isKnown && typeof message === 'string' && typeof details === 'object' && details !== null;
}

function nameOf({ caller, key }: KeyRef): string {
  return `${caller} ${key}`;
}
