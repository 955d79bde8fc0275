import type { PlanFact } from '../../billing.facts.js';
import type { CommandResult, PlanCommand, PlansPort } from '../../billing.ports.js';
import { idOf, isJson, type Json, jsonOf, metadataOf, textOf } from '../../json.read.js';
import {
  afterActing,
  andThen,
  known,
  knownOr,
  type Outcome,
  type ProviderCall,
  unlessUnknown,
} from '../../provider.calls.js';
import type { StripeAccount } from '../stripe.account.js';
import { madeBefore, madeIn, type StripeBillingCalls } from '../stripe.client.js';
import { unusableAnswer, withId } from '../stripe.errors.js';
import { keyOf, marked, pathOf, recordedParams, recordedText } from '../stripe.request.js';
import { planFact } from './stripe.plan.read.js';
import { planRequest } from './stripe.plan.request.js';

const PRICES_PATH = '/v1/prices';
const PRODUCTS_PATH = '/v1/products';

/** Our plan's id is not the product's: products with prices cannot be deleted, which would block the id for ever. */
export class StripePlans implements PlansPort {
  constructor(
    private readonly client: StripeBillingCalls,
    private readonly account: StripeAccount,
  ) {}

  request(command: PlanCommand): ProviderCall['request'] {
    return planRequest(command, this.account.installationId);
  }

  run(kind: PlanCommand['kind'], call: ProviderCall): Promise<Outcome<CommandResult>> {
    const steps = { create_plan: this.create, update_plan: this.update, delete_plan: this.delete };
    return andThen(steps[kind].call(this, call), (priceId) =>
      afterActing(async () => {
        const fact = await this.retrieve(priceId);
        const madeId = kind === 'delete_plan' ? undefined : priceId;
        return knownOr(fact && { facts: [fact], madeId }, unusableAnswer('not_a_plan'));
      }),
    );
  }

  async retrieve(providerPlanId: string): Promise<PlanFact | undefined> {
    return planFact(await unlessUnknown(() => this.price(providerPlanId)));
  }

  private async create(call: ProviderCall): Promise<Outcome<string>> {
    const found = await madeBefore(this.client, PRICES_PATH, {}, call, this.account);
    const productId = idOf(found?.product);
    if (found !== undefined && productId !== undefined) return this.link(call, String(found.id), productId);
    const product = this.post(PRODUCTS_PATH, recordedParams(call.request, 'product'), call, 'product');
    return andThen(product, (productId) => afterActing(() => this.addPrice(call, productId)));
  }

  private async update(call: ProviderCall): Promise<Outcome<string>> {
    const target = recordedParams(call.request, 'target');
    const priceId = recordedText(target, 'providerPlanId');
    const productId = textOf(target.providerProductId) ?? idOf((await this.price(priceId)).product) ?? '';
    const { product, price, kept } = call.request;
    const changePrice = async (): Promise<Outcome<string>> => {
      if (isJson(price)) return this.replacePrice(call, priceId, productId);
      return isJson(kept) ? this.post(pathOf(PRICES_PATH, priceId), kept, call) : known(priceId);
    };
    if (!isJson(product)) return changePrice();
    const renamed = this.post(pathOf(PRODUCTS_PATH, productId), product, call, 'name');
    return andThen(renamed, () => afterActing(changePrice));
  }

  /** Prices cannot be changed: present subscribers keep the old one, which is archived. */
  private async replacePrice(call: ProviderCall, oldId: string, productId: string): Promise<Outcome<string>> {
    const found = await madeBefore(this.client, PRICES_PATH, {}, call, this.account);
    const added =
      found === undefined ? this.addPrice(call, productId) : this.link(call, String(found.id), productId);
    return andThen(added, (newId) => {
      if (newId === oldId) return known(newId);
      // Without our plan's id: the old price no longer speaks for the plan.
      const archived = { active: false, metadata: { planId: '', replacedBy: newId } };
      return afterActing(() =>
        andThen(this.post(pathOf(PRICES_PATH, oldId), archived, call, 'archive'), () => known(newId)),
      );
    });
  }

  private async delete(call: ProviderCall): Promise<Outcome<string>> {
    const priceId = recordedText(recordedParams(call.request, 'target'), 'providerPlanId');
    const { id, metadata } = jsonOf((await this.price(priceId)).product);
    const closed = { active: false };
    return andThen(this.post(pathOf(PRICES_PATH, priceId), closed, call), () => {
      // A product that was made in Stripe's panel may have other prices.
      const productId = metadataOf(metadata).planId === undefined ? undefined : textOf(id);
      if (productId === undefined) return known(priceId);
      return afterActing(() =>
        andThen(this.post(pathOf(PRODUCTS_PATH, productId), closed, call, 'product'), () => known(priceId)),
      );
    });
  }

  private addPrice(call: ProviderCall, product: string): Promise<Outcome<string>> {
    const params = { ...marked(recordedParams(call.request, 'price'), call), product };
    return andThen(this.post(PRICES_PATH, params, call), (priceId) =>
      afterActing(() => this.link(call, priceId, product)),
    );
  }

  /** The product's events are to name its price. */
  private link(call: ProviderCall, priceId: string, productId: string): Promise<Outcome<string>> {
    const params = { metadata: { priceId } };
    return andThen(this.post(pathOf(PRODUCTS_PATH, productId), params, call, 'link'), () => known(priceId));
  }

  private async price(id: string): Promise<Json> {
    const price = jsonOf(await this.client.get(pathOf(PRICES_PATH, id), { 'expand[]': 'product' }));
    return withId(price.object === 'price' ? price : undefined, id, 'not_the_price');
  }

  /** @returns the id of the price or product. */
  private post(path: string, params: Json, call: ProviderCall, step?: string): Promise<Outcome<string>> {
    const kind = path.startsWith(PRICES_PATH) ? 'price' : 'product';
    const answer = andThen(this.client.post(path, params, keyOf(call, step)), (one) => madeIn(one, kind));
    return andThen(answer, ({ id }) => known(id));
  }
}
