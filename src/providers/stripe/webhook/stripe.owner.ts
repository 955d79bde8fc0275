import { isJson, type Json, jsonOf, textOf } from '../../json.read.js';
import { unlessUnknown } from '../../provider.calls.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import type { StripeClient } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import { pathOf } from '../stripe.request.js';

/** Where the objects are read that events are about, as far as any event of theirs moves something here. */
const PATHS: ReadonlyMap<unknown, string> = new Map([
  ['charge', '/v1/charges'],
  ['checkout.session', '/v1/checkout/sessions'],
  ['customer', '/v1/customers'],
  ['dispute', '/v1/disputes'],
  ['invoice', '/v1/invoices'],
  ['payment_intent', '/v1/payment_intents'],
  ['payment_method', '/v1/payment_methods'],
  ['price', '/v1/prices'],
  ['product', '/v1/products'],
  ['refund', '/v1/refunds'],
  ['subscription', '/v1/subscriptions'],
]);

/** What the event names: Connect events have `account`, those of organization endpoints `context`, our own too. */
export function accountNamedBy(payload: Json): string | undefined {
  return textOf(payload.account) ?? textOf(payload.context);
}

/** Says whose events are. Our own account is asked for once. */
export class StripeOwner {
  private asked: Promise<string | undefined> | undefined;

  constructor(private readonly client: Pick<StripeClient, 'account' | 'get'>) {}

  /** @throws ProviderError while Stripe does not say. */
  async owns({ payload }: WebhookEvent): Promise<boolean> {
    const { account, context, data } = jsonOf(payload);
    const named = [account, context].filter((one) => one !== undefined && one !== null).map(accountOf);
    const ours = await this.ownAccount();
    if (ours !== undefined && named.some((one) => one !== undefined && one !== ours)) return false;
    if (ours !== undefined && named.every((one) => one === ours)) return true;
    return this.has(jsonOf(jsonOf(data).object));
  }

  /** Undefined where the key may not ask. What was answered stays so; a failure is asked again. */
  private async ownAccount(): Promise<string | undefined> {
    this.asked ??= this.readAccount();
    try {
      return await this.asked;
    } catch (error) {
      this.asked = undefined;
      throw error;
    }
  }

  private async readAccount(): Promise<string | undefined> {
    const answer = await this.client.account();
    if (answer === undefined) return undefined;
    const id = isJson(answer) && answer.object === 'account' ? textOf(answer.id) : undefined;
    if (id === undefined) throw unusableAnswer('not_an_account');
    return id;
  }

  /** What our key can read is ours. An object that we never read moves nothing, whosever it is. */
  private async has({ object, id }: Json): Promise<boolean> {
    const [path, objectId] = [PATHS.get(object), textOf(id)];
    if (path === undefined || objectId === undefined) return true;
    const found = await unlessUnknown(() => this.client.get(pathOf(path, objectId)));
    if (found !== undefined && jsonOf(found).id !== objectId) throw unusableAnswer('not_the_object');
    return found !== undefined;
  }
}

/**
 * The account in `account` or `context`: `acct_…`, or the last part of a path from an organization or a platform down to
 * it (`org_…/acct_…`, `acct_…/acct_…`). Undefined for anything else, such as an organization alone.
 */
function accountOf(named: unknown): string | undefined {
  const last = textOf(named)?.split('/').at(-1) ?? '';
  return /^acct_\w+$/.test(last) ? last : undefined;
}
