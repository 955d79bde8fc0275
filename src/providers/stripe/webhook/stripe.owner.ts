import { isJson, type Json, jsonOf, textOf } from '../../json.read.js';
import { unlessUnknown } from '../../provider.calls.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import type { StripeClient } from '../stripe.client.js';
import { unusableAnswer, withId } from '../stripe.errors.js';
import { pathOf } from '../stripe.request.js';

/** Objects whose events change something here. */
const READ = new Set(
  (
    'charge checkout.session customer dispute invoice payment_intent payment_method price product refund ' +
    'subscription'
  ).split(' '),
);

/** Connect events have `account`; those of organization endpoints have `context`, our own too. */
export function accountNamedBy(payload: Json): string | undefined {
  return textOf(payload.account) ?? textOf(payload.context);
}

/** Asks for our own account once. */
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

  /** Undefined where the key may not ask. A failure is asked again. */
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

  /** What our key can read is ours. An object that we never read changes nothing here. */
  private async has({ object, id }: Json): Promise<boolean> {
    const [kind, objectId] = [textOf(object), textOf(id)];
    if (kind === undefined || objectId === undefined || !READ.has(kind)) return true;
    const path = `/v1/${kind.replace('.', '/')}s`;
    const found = await unlessUnknown(() => this.client.get(pathOf(path, objectId)));
    if (found !== undefined) withId(jsonOf(found), objectId, 'not_the_object');
    return found !== undefined;
  }
}

/** From `acct_…`, `org_…/acct_…` or `acct_…/acct_…`. Undefined for anything else, such as an organization alone. */
function accountOf(named: unknown): string | undefined {
  const last = textOf(named)?.split('/').at(-1) ?? '';
  return /^acct_\w+$/.test(last) ? last : undefined;
}
