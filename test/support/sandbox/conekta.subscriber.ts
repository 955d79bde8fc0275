import type { ApiCaller } from './conekta.caller.js';
import type { ConektaSandbox } from '../../../sandbox/conekta/conekta.sandbox.js';
import type { ConektaEvent, Subscription } from '../../../sandbox/conekta/conekta.types.js';

type Body = Record<string, unknown>;

export const DAY = 24 * 60 * 60;
export const HOUR = 60 * 60;

/** Seconds since the epoch of a day at noon, UTC. */
export const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`) / 1000;
export const dayOf = (seconds: number | null | undefined): string =>
  new Date((seconds ?? 0) * 1000).toISOString().slice(0, 10);

/** A customer with a card and a plan of 199 pesos a month, and what became of the two. */
export class Subscriber {
  private constructor(
    private readonly sandbox: ConektaSandbox,
    private readonly api: ApiCaller,
    readonly customerId: string,
    readonly cardId: string,
    /** `/customers/{id}/subscriptions/{id}`. */
    readonly path: string,
    readonly id: string,
  ) {}

  /** @param card a ready-made token */
  static async start(
    sandbox: ConektaSandbox,
    api: ApiCaller,
    { plan = {}, subscription = {}, card = 'tok_test_visa_4242' }: StartParts = {},
  ): Promise<Subscriber> {
    const customerId = await api.customer({ payment_sources: [{ type: 'card', token_id: card }] });
    const made = await api.post('/plans', {
      name: 'Oro',
      amount: 19_900,
      currency: 'MXN',
      interval: 'month',
      frequency: 1,
      ...plan,
    });
    const all = `/customers/${customerId}/subscriptions`;
    const { status, body } = await api.post(all, { plan_id: made.body['id'], ...subscription });
    if (status !== 200) throw new Error(`no subscription: ${status} ${JSON.stringify(body)}`);
    const id = String(body['id']);
    return new Subscriber(sandbox, api, customerId, String(body['card_id']), `${all}/${id}`, id);
  }

  get now(): Subscription {
    const found = this.sandbox.state().subscriptions.find(({ id }) => id === this.id);
    if (!found) throw new Error(`there is no ${this.id}`);
    return found;
  }

  act(name: string): ReturnType<ApiCaller['post']> {
    return this.api.post(`${this.path}/${name}`);
  }

  change(fields: Body): ReturnType<ApiCaller['call']> {
    return this.api.call('PUT', this.path, fields);
  }

  /** What happened to the subscription itself, oldest first. */
  get events(): ConektaEvent[] {
    return this.sandbox.events.filter(({ type }) => type.startsWith('subscription.'));
  }

  /** `2026-01-31 subscription.paid`. */
  get story(): string[] {
    return this.events.map(({ type, created_at }) => `${dayOf(created_at)} ${type.slice(13)}`);
  }
}

interface StartParts {
  plan?: Body;
  subscription?: Body;
  card?: string;
}
