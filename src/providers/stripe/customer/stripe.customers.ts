import type { CustomerFact } from '../../billing.facts.js';
import type { CommandResult, CustomerCommand, CustomersPort } from '../../billing.ports.js';
import { type Json, jsonOf, textOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import type { StripeAccount } from '../stripe.account.js';
import type { StripeBillingCalls } from '../stripe.client.js';
import {
  assertHeldBy,
  assertHolds,
  CARDS_PATH,
  CUSTOMERS_PATH,
  holderOf,
  readCustomer,
} from './stripe.customer.read.js';
import { planCustomer } from './stripe.customer.request.js';
import { unusableAnswer } from '../stripe.errors.js';
import { findMade } from '../stripe.listing.js';
import { STRIPE } from '../stripe.name.js';
import { afterwards, marked, mustLookFirst } from '../stripe.repeat.js';
import { pathOf, recordedParams, recordedText } from '../stripe.request.js';

/** Whom a call was about, and what it made. */
interface Written {
  customerId: string;
  madeId?: string | undefined;
  deleted?: boolean;
}

/**
 * Customers at Stripe and their cards, which are payment methods there. A payment method that is attached to
 * nobody is what we call a token.
 */
export class StripeCustomers implements CustomersPort {
  constructor(
    private readonly client: StripeBillingCalls,
    private readonly account: StripeAccount,
  ) {}

  plan(command: CustomerCommand): ProviderCall['request'] {
    return planCustomer(command, this.account.installationId);
  }

  async run(kind: CustomerCommand['kind'], call: ProviderCall): Promise<Outcome<CommandResult>> {
    const written = await this.write(kind, call);
    if (!written.known) return written;
    const { customerId, madeId, deleted } = written.value;
    return afterwards(async () => {
      const fact = deleted === true ? this.gone(customerId) : await this.retrieve(customerId);
      return { known: true, value: { facts: [fact], madeId } };
    });
  }

  retrieve(providerCustomerId: string): Promise<CustomerFact> {
    return readCustomer(this.client, providerCustomerId, this.account.livemode);
  }

  private write(kind: CustomerCommand['kind'], call: ProviderCall): Promise<Outcome<Written>> {
    switch (kind) {
      case 'create_customer':
        return this.create(call);
      case 'update_customer':
        return this.change(call, recordedParams(call.request, 'customer'));
      case 'delete_customer':
        return this.delete(call);
      case 'add_card':
        return this.addCard(call);
      case 'remove_card':
        return this.removeCard(call);
      case 'set_default_card':
        return this.setDefault(call);
    }
  }

  private async create(call: ProviderCall): Promise<Outcome<Written>> {
    const params = marked(recordedParams(call.request, 'customer'), call);
    const found = mustLookFirst(call, this.account.clock.now())
      ? await findMade(this.client, CUSTOMERS_PATH, {}, call)
      : undefined;
    const answer: Outcome<unknown> =
      found === undefined
        ? await this.client.post(CUSTOMERS_PATH, params, call.operationId)
        : { known: true, value: found };
    if (!answer.known) return answer;
    const { object, id } = jsonOf(answer.value);
    const customerId = object === 'customer' ? textOf(id) : undefined;
    return customerId === undefined
      ? { known: false, error: unusableAnswer('not_a_customer') }
      : { known: true, value: { customerId, madeId: customerId } };
  }

  /** Says how the customer is to be, so that saying it once more changes nothing. */
  private async change(call: ProviderCall, params: Json, key = call.operationId): Promise<Outcome<Written>> {
    const customerId = recordedText(call.request, 'providerCustomerId');
    const answer = await this.client.post(pathOf(CUSTOMERS_PATH, customerId), params, key);
    return answer.known ? { known: true, value: { customerId } } : answer;
  }

  private async delete(call: ProviderCall): Promise<Outcome<Written>> {
    const customerId = recordedText(call.request, 'providerCustomerId');
    const done: Outcome<Written> = { known: true, value: { customerId, deleted: true } };
    try {
      const answer = await this.client.delete(pathOf(CUSTOMERS_PATH, customerId));
      return answer.known ? done : answer;
    } catch (error) {
      if (error instanceof ProviderError && error.kind === 'not_found') return done;
      throw error;
    }
  }

  private async addCard(call: ProviderCall): Promise<Outcome<Written>> {
    const customerId = recordedText(call.request, 'providerCustomerId');
    const attached = await this.attach(call, customerId, recordedText(call.request, 'token'));
    if (!attached.known) return attached;
    const cardId = attached.value;
    const added: Outcome<Written> = { known: true, value: { customerId, madeId: cardId } };
    if (call.request.makeDefault !== true) return added;
    return afterwards(async () => {
      const changed = await this.change(call, defaultCard(cardId), `${call.operationId}:default`);
      return changed.known ? added : changed;
    });
  }

  /** @returns the card's id, which for Stripe's test tokens is another than the token's. */
  private async attach(call: ProviderCall, customer: string, token: string): Promise<Outcome<string>> {
    try {
      const path = pathOf(CARDS_PATH, token, 'attach');
      const answer = await this.client.post(path, { customer }, call.operationId);
      if (!answer.known) return answer;
      const id = textOf(jsonOf(answer.value).id);
      return id === undefined
        ? { known: false, error: unusableAnswer('not_a_payment_method') }
        : { known: true, value: id };
    } catch (error) {
      if (!(error instanceof ProviderError) || error.retryable || error.kind === 'declined') throw error;
      // The form may have attached it, or a call whose key Stripe has forgotten.
      if ((await holderOf(this.client, token)) !== customer) throw error;
      return { known: true, value: token };
    }
  }

  private async removeCard(call: ProviderCall): Promise<Outcome<Written>> {
    const customerId = recordedText(call.request, 'providerCustomerId');
    const cardId = recordedText(call.request, 'providerSourceId');
    const removed: Outcome<Written> = { known: true, value: { customerId } };
    const holder = await holderOf(this.client, cardId);
    if (call.sentBefore !== undefined && holder === undefined) return removed;
    assertHeldBy(customerId, holder);
    const answer = await this.client.post(pathOf(CARDS_PATH, cardId, 'detach'), {}, call.operationId);
    return answer.known ? removed : answer;
  }

  private async setDefault(call: ProviderCall): Promise<Outcome<Written>> {
    const cardId = recordedText(call.request, 'providerSourceId');
    await assertHolds(this.client, recordedText(call.request, 'providerCustomerId'), cardId);
    return this.change(call, defaultCard(cardId));
  }

  private gone(providerCustomerId: string): CustomerFact {
    const { livemode } = this.account;
    return { kind: 'customer', provider: STRIPE, livemode, providerCustomerId, deleted: true, cards: [] };
  }
}

function defaultCard(cardId: string): Json {
  return { invoice_settings: { default_payment_method: cardId } };
}
