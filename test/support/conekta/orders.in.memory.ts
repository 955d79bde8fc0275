import { type Json, jsonOf } from '../../../src/providers/json.read.js';
import type { Outcome } from '../../../src/providers/provider.calls.js';
import {
  type ConektaCheckoutCalls,
  type ConektaWrite,
  wholeOrder,
} from '../../../src/providers/conekta/conekta.client.js';
import { toProviderError, unusableAnswer } from '../../../src/providers/conekta/conekta.errors.js';

/** How the next write goes: it is answered, its answer is lost, or it is refused and does nothing. */
export type Turn = 'ok' | 'lost' | 'refused' | 'limited';

/** Orders in memory, as Conekta keeps them; nobody is asked whether a write is a repeat. */
export class OrdersInMemory implements ConektaCheckoutCalls {
  /** Oldest first. */
  kept: Json[] = [];
  readonly writes: string[] = [];
  /** By path; the first one counts. What is not told is ok. */
  turns: [RegExp, Turn][] = [];
  /** What the next reads of one order do before they answer. */
  meanwhile: () => void = () => undefined;
  /** Further pages of lists inside orders, by path. */
  further: Record<string, Json> = {};
  listings = 0;
  pageSize = 2;

  add(id: string, changes: Json = {}): Json {
    const at = 1_790_000_000 + this.kept.length;
    const order = {
      id,
      object: 'order',
      livemode: false,
      amount: 39_900,
      currency: 'MXN',
      created_at: at,
      updated_at: at,
      metadata: { paymentId: 'pay-1', operationId: 'op-1' },
      checkout: checkoutOf(id),
      ...changes,
    };
    this.kept.push(order);
    return order;
  }

  change(id: string, changes: Json): void {
    this.kept = this.kept.map((order) => (order.id === id ? { ...order, ...changes } : order));
  }

  async write({ method, path, body }: ConektaWrite): Promise<Outcome<Json>> {
    this.writes.push(`${method} ${path}`);
    const at = this.turns.findIndex(([pattern]) => pattern.test(path));
    const [[, turn] = [/./, 'ok' as const]] = at === -1 ? [] : this.turns.splice(at, 1);
    if (turn === 'refused')
      throw toProviderError({ status: 428, body: { object: 'error' }, retryAfter: undefined });
    if (turn === 'limited') throw toProviderError({ status: 429, body: undefined, retryAfter: '1' });
    const value = this.act(path, jsonOf(body));
    if (turn === 'lost') return Promise.resolve({ known: false, error: unusableAnswer('TIMEOUT') });
    return Promise.resolve({ known: true, value });
  }

  async order(id: string): Promise<Json> {
    return wholeOrder(this, await this.read(`/orders/${id}`));
  }

  async read(path: string): Promise<Json> {
    const further = this.further[path];
    if (further !== undefined) return Promise.resolve(further);
    this.meanwhile();
    const id = path.replace('/orders/', '');
    const order = this.kept.find((one) => one.id === id);
    if (order === undefined)
      throw toProviderError({ status: 404, body: { object: 'error' }, retryAfter: undefined });
    return Promise.resolve(order);
  }

  /** Newest first, in small pages. */
  async orders(_createdFrom: number, next: string | undefined): Promise<Json> {
    this.listings += 1;
    const from = Number(next ?? 0);
    const newest = [...this.kept].reverse();
    const hasMore = from + this.pageSize < newest.length;
    return Promise.resolve({
      object: 'list',
      has_more: hasMore,
      next_page_url: hasMore ? `https://api.conekta.io/orders?next=${from + this.pageSize}` : null,
      data: newest.slice(from, from + this.pageSize),
    });
  }

  private act(path: string, body: Json): Json {
    if (path === '/orders') return this.add(`ord_${this.kept.length + 1}`, body);
    const [, collection, id = ''] = path.split('/');
    if (collection === 'orders') {
      this.change(id, { payment_status: 'canceled', charges: null });
      return jsonOf(this.kept.find((one) => one.id === id));
    }
    const order = this.kept.find(({ checkout }) => jsonOf(checkout).id === id);
    const checkout = { ...jsonOf(order?.checkout), status: 'Cancelled' };
    this.change(String(order?.id), { checkout });
    return checkout;
  }
}

export function checkoutOf(orderId: string): Json {
  return {
    id: `chk-${orderId}`,
    object: 'checkout',
    type: 'HostedPayment',
    status: 'Issued',
    url: `https://pay.conekta.com/checkout/${orderId}`,
    expires_at: 1_790_259_200,
  };
}
