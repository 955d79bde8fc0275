import { ServiceError } from '../../../src/kernel/errors.js';
import type { Json } from '../../../src/providers/json.read.js';
import type { Outcome } from '../../../src/providers/provider.calls.js';
import { ProviderError } from '../../../src/providers/provider.errors.js';
import type { StripeBillingCalls, StripeCheckoutCalls } from '../../../src/providers/stripe/stripe.client.js';

interface Sent {
  path: string;
  params: Json;
  key: string;
}

/** Answers every POST, every read and every page with what it was given. */
export class RecordedCalls implements StripeCheckoutCalls {
  readonly sent: Sent[] = [];
  pages = 0;

  constructor(
    private readonly answers: { post?: (path: string) => unknown; session?: unknown; list?: unknown },
  ) {}

  async post(path: string, params: Json, key: string): Promise<Outcome<unknown>> {
    this.sent.push({ path, params, key });
    return Promise.resolve({ known: true, value: this.answers.post?.(path) });
  }

  session(): Promise<unknown> {
    return Promise.resolve(this.answers.session);
  }

  get(): Promise<unknown> {
    this.pages += 1;
    return Promise.resolve(this.answers.list);
  }
}

type Answer = unknown | ((params: Json) => unknown);

/**
 * Answers each call by its method and path, such as `GET /v1/customers/cus_1`: with a value, or by throwing an error.
 * A read of anything else finds nothing; a write of anything else is answered by nobody.
 */
export class ScriptedStripe implements StripeBillingCalls {
  readonly sent: Sent[] = [];
  readonly reads: string[] = [];

  constructor(private readonly answers: Readonly<Record<string, Answer>>) {}

  post(path: string, params: Json, key: string): Promise<Outcome<unknown>> {
    return this.write(`POST ${path}`, params, key);
  }

  postCharge(path: string, params: Json, key: string): Promise<Outcome<unknown>> {
    return this.write(`POST ${path}`, params, key);
  }

  delete(path: string, query: Json = {}): Promise<Outcome<unknown>> {
    return this.write(`DELETE ${path}`, query, '');
  }

  async get(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    this.reads.push(path);
    const answer = this.answers[`GET ${path}`];
    if (answer === undefined) throw new ProviderError('not_found', 'not found', { provider: 'stripe' });
    return Promise.resolve(answered(answer, query));
  }

  async all(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown[]> {
    const list = await this.get(path, query);
    return Array.isArray(list) ? list : [];
  }

  refunds(charge: string): Promise<unknown[]> {
    return this.all('/v1/refunds', { charge });
  }

  disputes(charge: string): Promise<unknown[]> {
    return this.all('/v1/disputes', { charge });
  }

  private async write(call: string, params: Json, key: string): Promise<Outcome<unknown>> {
    this.sent.push({ path: call, params, key });
    const answer = this.answers[call];
    if (answer === undefined) return { known: false, error: new Error('no answer') };
    return Promise.resolve({ known: true, value: answered(answer, params) });
  }
}

function answered(answer: Answer, params: Json): unknown {
  const value: unknown = typeof answer === 'function' ? answer(params) : answer;
  if (value instanceof Error) throw value;
  return value;
}

/** An account in test mode, at noon. */
export const ACCOUNT = {
  livemode: false,
  clock: { now: () => new Date('2026-10-02T12:00:00Z'), sleep: () => Promise.resolve() },
};

/** So long ago that Stripe has forgotten the key. */
export const LONG_AGO = new Date('2026-10-01T12:00:00Z');

/** Code and field of what a request refuses. */
export function refusalOf(request: () => unknown): { code: string; field: string } {
  try {
    request();
  } catch (error) {
    if (!(error instanceof ServiceError) || !Array.isArray(error.details)) throw error;
    return { code: error.code, field: error.details[0]?.field ?? '' };
  }
  throw new Error('nothing was refused');
}
