import { isJson, type Json, jsonOf, textOf } from '../../json.read.js';
import { unlessUnknown } from '../../provider.calls.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import type { StripeClient } from '../stripe.client.js';
import { unusableAnswer, withId } from '../stripe.errors.js';
import { type NamedObject, pathOfNamed, readThin } from './stripe.thin.js';

/** Connect events have `account`; those of organization endpoints and thin ones have `context`, our own too. */
export function accountNamedBy(payload: Json): string | undefined {
  return textOf(payload.account) ?? textOf(payload.context);
}

/** Asks for our own account once. */
export class StripeOwner {
  private asked: Promise<string | undefined> | undefined;

  constructor(private readonly client: Pick<StripeClient, 'account' | 'get'>) {}

  /** @throws ProviderError while Stripe does not say. */
  async owns({ payload }: WebhookEvent): Promise<boolean> {
    const { account, context } = jsonOf(payload);
    const accounts = [account, context].filter((one) => one !== undefined && one !== null).map(accountOf);
    const ours = await this.ownAccount();
    if (ours !== undefined && accounts.some((one) => one !== undefined && one !== ours)) return false;
    if (ours !== undefined && accounts.every((one) => one === ours)) return true;
    const named = namedIn(jsonOf(payload));
    return named === undefined || this.has(named);
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
  private async has(object: NamedObject): Promise<boolean> {
    const path = pathOfNamed(object);
    if (path === undefined) return true;
    const found = await unlessUnknown(() => this.client.get(path));
    if (found !== undefined) withId(jsonOf(found), object.id, 'not_the_object');
    return found !== undefined;
  }
}

function namedIn(payload: Json): NamedObject | undefined {
  const { object, id } = jsonOf(jsonOf(payload.data).object);
  const [kind, objectId] = [textOf(object), textOf(id)];
  if (kind !== undefined && objectId !== undefined) return { kind, id: objectId };
  return readThin(payload)?.named;
}

/** From `acct_…`, `org_…/acct_…` or `acct_…/acct_…`. Undefined for anything else, such as an organization alone. */
function accountOf(named: unknown): string | undefined {
  const last = textOf(named)?.split('/').at(-1) ?? '';
  return /^acct_\w+$/.test(last) ? last : undefined;
}
