import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { isJson, jsonOf, listOf, textOf } from '../../json.read.js';
import { andThen, inDoubt, known, type Outcome, unlessRefused } from '../../provider.calls.js';
import { unsupported } from '../../provider.errors.js';
import {
  assertRoom,
  type EndpointRules,
  type EndpointsPort,
  type RegisteredEndpoint,
  type RemoteEndpoint,
} from '../../webhook.ports.js';
import type { StripeClient } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import { pathOf } from '../stripe.request.js';
import { assertEvents, assertUrl, ENDPOINT_EVENTS, ENDPOINT_LIMIT } from './stripe.endpoint.rules.js';

export type StripeEndpointCalls = Pick<StripeClient, 'post' | 'delete' | 'endpoints'>;

const PATH = '/v1/webhook_endpoints';
const ATTEMPTS = 2;
const DONE: Outcome<void> = known(undefined);

/** Only the answer that creates an endpoint has its secret, which is final: a new one needs another endpoint. */
export class StripeEndpoints implements EndpointsPort {
  readonly events = ENDPOINT_EVENTS;
  readonly keysAreSecret = true;

  constructor(
    private readonly client: StripeEndpointCalls,
    private readonly rules: EndpointRules,
  ) {}

  check(url: string, events: readonly string[], existing: readonly RemoteEndpoint[]): void {
    assertUrl(url, this.rules);
    assertEvents(events);
    assertRoom(existing, this.rules, ENDPOINT_LIMIT);
  }

  async list(): Promise<readonly RemoteEndpoint[]> {
    return (await this.client.endpoints()).flatMap((one) => readEndpoint(one) ?? []);
  }

  /** Deletes an endpoint whose answer was lost, for nobody has its secret; then makes another. */
  async create(url: string, events: readonly string[]): Promise<Outcome<RegisteredEndpoint>> {
    let outcome: Outcome<RegisteredEndpoint> = inDoubt(unusableAnswer('not_an_endpoint'));
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const registration = randomUUID();
      outcome = await this.createOnce(url, events, registration);
      if (outcome.known || !(await this.isTakenBack(registration))) return outcome;
    }
    return outcome;
  }

  async rotateKey({ url, events }: RemoteEndpoint): Promise<Outcome<RegisteredEndpoint>> {
    assertRoom(await this.list(), this.rules, ENDPOINT_LIMIT);
    return this.create(url, events);
  }

  retireKey(before: RegisteredEndpoint): Promise<Outcome<void>> {
    return this.delete(before.endpoint.remoteId);
  }

  delete(remoteId: string): Promise<Outcome<void>> {
    return unlessRefused<Outcome<void>>(
      ['not_found'],
      () =>
        andThen(this.client.delete(pathOf(PATH, remoteId)), (answer) =>
          jsonOf(answer).deleted === true ? DONE : inDoubt(unusableAnswer('not_deleted')),
        ),
      () => DONE,
    );
  }

  async ping(): Promise<never> {
    throw unsupported('provider', 'Stripe sends no test events on request');
  }

  /** @param registration in metadata, finds a lost endpoint. */
  private createOnce(
    url: string,
    events: readonly string[],
    registration: string,
  ): Promise<Outcome<RegisteredEndpoint>> {
    const params = {
      url,
      enabled_events: events.length === 0 ? ['*'] : [...events],
      api_version: Stripe.API_VERSION,
      metadata: { registration },
    };
    return andThen(this.client.post(PATH, params, registration), (answer) => {
      const [endpoint, value] = [readEndpoint(answer), textOf(jsonOf(answer).secret)];
      return endpoint !== undefined && value !== undefined
        ? known({ endpoint, key: { value, secret: true } })
        : inDoubt(unusableAnswer('not_an_endpoint'));
    });
  }

  private isTakenBack(registration: string): Promise<boolean> {
    return unlessRefused(
      () => true,
      async () => {
        const lost = (await this.client.endpoints()).filter(
          (one) => jsonOf(jsonOf(one).metadata).registration === registration,
        );
        const outcomes = await Promise.all(lost.map((one) => this.delete(textOf(jsonOf(one).id) ?? '')));
        return outcomes.every(({ known: isKnown }) => isKnown);
      },
      () => false,
    );
  }
}

function readEndpoint(value: unknown): RemoteEndpoint | undefined {
  if (!isJson(value) || value.object !== 'webhook_endpoint') return undefined;
  const [remoteId, url] = [textOf(value.id), textOf(value.url)];
  if (remoteId === undefined || url === undefined) return undefined;
  const events = listOf(value.enabled_events).flatMap((event) => textOf(event) ?? []);
  return {
    remoteId,
    url,
    events: events.includes('*') ? [] : events,
    active: value.status === 'enabled',
    livemode: value.livemode === true,
  };
}
