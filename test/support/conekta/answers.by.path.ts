import type { Json } from '../../../src/providers/json.read.js';
import type { Outcome, ProviderCall } from '../../../src/providers/provider.calls.js';
import type { ConektaBillingCalls, ConektaWrite } from '../../../src/providers/conekta/conekta.client.js';
import { toProviderError, unusableAnswer } from '../../../src/providers/conekta/conekta.errors.js';

/** How the next write ends, if not with an answer: nobody knows, or it is refused. */
type Turn = Json | 'lost' | Error;

/** Conekta as a table of answers by path. What is not in it is not there. */
export class AnswersByPath implements ConektaBillingCalls {
  readonly writes: ConektaWrite[] = [];
  readonly reads: string[] = [];
  /** For the next writes, first come first served; then an empty object. */
  turns: Turn[] = [];

  constructor(readonly answers: Record<string, Json> = {}) {}

  async write(write: ConektaWrite): Promise<Outcome<Json>> {
    this.writes.push(write);
    const turn = this.turns.shift() ?? {};
    if (turn === 'lost') return Promise.resolve({ known: false, error: unusableAnswer('TIMEOUT') });
    if (turn instanceof Error) throw turn;
    return Promise.resolve({ known: true, value: turn });
  }

  async read(path: string): Promise<Json> {
    this.reads.push(path);
    const answer = this.answers[path];
    if (answer === undefined) throw refusal(404);
    return Promise.resolve(answer);
  }

  order(id: string): Promise<Json> {
    return this.read(`/orders/${id}`);
  }

  page(path: string, next: string | undefined): Promise<Json> {
    return this.read(next === undefined ? path : `${path}?next=${next}`);
  }

  get sent(): string[] {
    return this.writes.map(({ method, path }) => `${method} ${path}`);
  }
}

export function refusal(status: number, detail: unknown = {}): Error {
  const body = { object: 'error', type: 'some_error', details: [detail] };
  return toProviderError({ status, body, retryAfter: undefined });
}

export function list(data: readonly Json[], next?: string): Json {
  const has_more = next !== undefined;
  return { object: 'list', has_more, next_page_url: has_more ? `https://x.test/?next=${next}` : null, data };
}

export function callOf(request: ProviderCall['request'], sentBefore?: Date): ProviderCall {
  return { operationId: 'op-1', request, ...(sentBefore !== undefined && { sentBefore }) };
}

export const SENT_AT = 1_790_000_000;
export const SENT = new Date(SENT_AT * 1000);

export function customerJson(changes: Json = {}): Json {
  return {
    object: 'customer',
    id: 'cus_1',
    livemode: false,
    created_at: SENT_AT + 1,
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    phone: '+525555555555',
    metadata: { customerId: 'customer-1' },
    ...changes,
  };
}

export function cardJson(id: string, changes: Json = {}): Json {
  return {
    object: 'payment_source',
    type: 'card',
    id,
    created_at: SENT_AT - 1000,
    last4: '4242',
    brand: 'VISA',
    exp_month: '01',
    exp_year: '34',
    name: 'Ada Lovelace',
    parent_id: 'cus_1',
    default: false,
    payment_source_status: 'active',
    ...changes,
  };
}
