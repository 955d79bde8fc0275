import type { PlanFact } from '../../billing.facts.js';
import type { CommandResult, PlanCommand, PlansPort } from '../../billing.ports.js';
import { idOf, isJson, type Json, jsonOf, metadataOf, textOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import type { StripeAccount } from '../stripe.account.js';
import type { StripeBillingCalls } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import { findMade } from '../stripe.listing.js';
import { planFact } from './stripe.plan.js';
import { planPlan } from './stripe.plan.request.js';
import { afterwards, marked, mustLookFirst } from '../stripe.repeat.js';
import { pathOf, recordedParams, recordedText } from '../stripe.request.js';

const PRICES_PATH = '/v1/prices';
const PRODUCTS_PATH = '/v1/products';

/**
 * Plans at Stripe. Our plan's id is not the product's: products with prices cannot be deleted, so that no later plan
 * could have it.
 */
export class StripePlans implements PlansPort {
  constructor(
    private readonly client: StripeBillingCalls,
    private readonly account: StripeAccount,
  ) {}

  plan(command: PlanCommand): ProviderCall['request'] {
    return planPlan(command, this.account.installationId);
  }

  async run(kind: PlanCommand['kind'], call: ProviderCall): Promise<Outcome<CommandResult>> {
    const written = await this.write(kind, call);
    if (!written.known) return written;
    return afterwards(async () => {
      const fact = await this.retrieve(written.value);
      return fact === undefined
        ? { known: false, error: unusableAnswer('not_a_plan') }
        : {
            known: true,
            value: { facts: [fact], madeId: kind === 'delete_plan' ? undefined : written.value },
          };
    });
  }

  async retrieve(providerPlanId: string): Promise<PlanFact | undefined> {
    try {
      return planFact(await this.price(providerPlanId));
    } catch (error) {
      if (error instanceof ProviderError && error.kind === 'not_found') return undefined;
      throw error;
    }
  }

  /** @returns the price's id. */
  private write(kind: PlanCommand['kind'], call: ProviderCall): Promise<Outcome<string>> {
    switch (kind) {
      case 'create_plan':
        return this.create(call);
      case 'update_plan':
        return this.update(call);
      case 'delete_plan':
        return this.delete(call);
    }
  }

  private async create(call: ProviderCall): Promise<Outcome<string>> {
    const found = await this.madeBefore(call);
    const productId = idOf(found?.product);
    if (found !== undefined && productId !== undefined) return this.link(call, found, productId);
    const product = await this.post(PRODUCTS_PATH, recordedParams(call.request, 'product'), call, 'product');
    if (!product.known) return product;
    return afterwards(() => this.addPrice(call, String(product.value.id)));
  }

  private async update(call: ProviderCall): Promise<Outcome<string>> {
    const target = recordedParams(call.request, 'target');
    const priceId = recordedText(target, 'providerPlanId');
    const productId = textOf(target.providerProductId) ?? idOf((await this.price(priceId)).product) ?? '';
    const { product } = call.request;
    if (!isJson(product)) return this.changePrice(call, priceId, productId);
    const renamed = await this.post(pathOf(PRODUCTS_PATH, productId), product, call, 'name');
    return renamed.known ? afterwards(() => this.changePrice(call, priceId, productId)) : renamed;
  }

  private async changePrice(
    call: ProviderCall,
    priceId: string,
    productId: string,
  ): Promise<Outcome<string>> {
    const { price, kept } = call.request;
    if (isJson(price)) return this.replacePrice(call, priceId, productId);
    const changed = isJson(kept) ? await this.post(pathOf(PRICES_PATH, priceId), kept, call) : undefined;
    return changed === undefined || changed.known ? { known: true, value: priceId } : changed;
  }

  /** Prices cannot be changed: present subscribers keep the old one, which nobody else can have any more. */
  private async replacePrice(call: ProviderCall, oldId: string, productId: string): Promise<Outcome<string>> {
    const found = await this.madeBefore(call);
    const added =
      found === undefined ? await this.addPrice(call, productId) : await this.link(call, found, productId);
    if (!added.known || added.value === oldId) return added;
    return afterwards(async () => {
      // Without our plan's id: what is told of the old price is not told of the plan any more.
      const archived = { active: false, metadata: { planId: '', replacedBy: added.value } };
      const answer = await this.post(pathOf(PRICES_PATH, oldId), archived, call, 'archive');
      return answer.known ? added : answer;
    });
  }

  private async delete(call: ProviderCall): Promise<Outcome<string>> {
    const priceId = recordedText(recordedParams(call.request, 'target'), 'providerPlanId');
    const product = jsonOf((await this.price(priceId)).product);
    const archived = await this.post(pathOf(PRICES_PATH, priceId), { active: false }, call);
    if (!archived.known) return archived;
    const done: Outcome<string> = { known: true, value: priceId };
    // A product that was made in Stripe's panel may have other prices.
    const productId = textOf(product.id);
    if (productId === undefined || metadataOf(product.metadata).planId === undefined) return done;
    return afterwards(async () => {
      const path = pathOf(PRODUCTS_PATH, productId);
      const closed = await this.post(path, { active: false }, call, 'product');
      return closed.known ? done : closed;
    });
  }

  private async addPrice(call: ProviderCall, product: string): Promise<Outcome<string>> {
    const params = { ...marked(recordedParams(call.request, 'price'), call), product };
    const price = await this.post(PRICES_PATH, params, call);
    return price.known ? afterwards(() => this.link(call, price.value, product)) : price;
  }

  /** What happens to the product is about its price: its event is to say which. */
  private async link(call: ProviderCall, price: Json, productId: string): Promise<Outcome<string>> {
    const priceId = String(price.id);
    const path = pathOf(PRODUCTS_PATH, productId);
    const linked = await this.post(path, { metadata: { priceId } }, call, 'link');
    return linked.known ? { known: true, value: priceId } : linked;
  }

  private madeBefore(call: ProviderCall): Promise<Json | undefined> {
    return mustLookFirst(call, this.account.clock.now())
      ? findMade(this.client, PRICES_PATH, {}, call)
      : Promise.resolve(undefined);
  }

  private async price(id: string): Promise<Json> {
    const price = jsonOf(await this.client.get(pathOf(PRICES_PATH, id), { 'expand[]': 'product' }));
    if (price.object !== 'price' || price.id !== id) throw unusableAnswer('not_the_price');
    return price;
  }

  private async post(path: string, params: Json, call: ProviderCall, step?: string): Promise<Outcome<Json>> {
    const key = step === undefined ? call.operationId : `${call.operationId}:${step}`;
    const answer = await this.client.post(path, params, key);
    if (!answer.known) return answer;
    const value = jsonOf(answer.value);
    const kind = path.startsWith(PRICES_PATH) ? 'price' : 'product';
    return value.object === kind && textOf(value.id) !== undefined
      ? { known: true, value }
      : { known: false, error: unusableAnswer(`not_a_${kind}`) };
  }
}
