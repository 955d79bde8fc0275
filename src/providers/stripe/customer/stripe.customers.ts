import type { CustomerFact } from '../../billing.facts.js';
import type { CommandResult, CustomerCommand, CustomersPort } from '../../billing.ports.js';
import { idOf, type Json, jsonOf, textOf } from '../../json.read.js';
import {
  afterActing,
  andThen,
  isFinal,
  known,
  knownOr,
  type Outcome,
  type ProviderCall,
  unlessRefused,
} from '../../provider.calls.js';
import { STRIPE, type StripeAccount } from '../stripe.account.js';
import { madeBefore, madeIn, type StripeBillingCalls } from '../stripe.client.js';
import { stripeError, unusableAnswer } from '../stripe.errors.js';
import { keyOf, marked, pathOf, recordedParams, recordedText } from '../stripe.request.js';
import { customerFact } from './stripe.customer.read.js';
import { customerRequest } from './stripe.customer.request.js';

const CUSTOMERS_PATH = '/v1/customers';
const CARDS_PATH = '/v1/payment_methods';

/** Our cards are Stripe's payment methods; one that is attached to nobody is a token. */
export class StripeCustomers implements CustomersPort {
  constructor(
    private readonly client: StripeBillingCalls,
    private readonly account: StripeAccount,
  ) {}

  request(command: CustomerCommand): ProviderCall['request'] {
    return customerRequest(command, this.account.installationId);
  }

  async run(kind: CustomerCommand['kind'], call: ProviderCall): Promise<Outcome<CommandResult>> {
    const id = (): string => recordedText(call.request, 'providerCustomerId');
    switch (kind) {
      case 'create_customer':
        return andThen(this.create(call), (made) => this.told(made, made));
      case 'update_customer':
        return andThen(this.change(call, recordedParams(call.request, 'customer')), () => this.told(id()));
      case 'delete_customer':
        return andThen(this.delete(id()), (gone) => known({ facts: [gone] }));
      case 'add_card':
        return andThen(this.addCard(call, id()), (cardId) => this.told(id(), cardId));
      case 'remove_card':
        return andThen(this.removeCard(call, id()), () => this.told(id()));
      case 'set_default_card': {
        const cardId = recordedText(call.request, 'providerSourceId');
        await assertHolds(this.client, id(), cardId);
        return andThen(this.change(call, defaultCard(cardId)), () => this.told(id()));
      }
    }
  }

  async retrieve(id: string): Promise<CustomerFact> {
    const customer = await this.client.get(pathOf(CUSTOMERS_PATH, id));
    const isGone = jsonOf(customer).deleted === true;
    const cards = isGone
      ? []
      : await this.client.all(pathOf(CUSTOMERS_PATH, id, 'payment_methods'), { type: 'card' });
    const fact = customerFact(customer, cards, this.account.livemode);
    if (fact?.providerCustomerId !== id) throw unusableAnswer('not_the_customer');
    return fact;
  }

  private told(id: string, madeId?: string): Promise<Outcome<CommandResult>> {
    return afterActing(async () => known({ facts: [await this.retrieve(id)], madeId }));
  }

  private async create(call: ProviderCall): Promise<Outcome<string>> {
    const params = marked(recordedParams(call.request, 'customer'), call);
    const found = await madeBefore(this.client, CUSTOMERS_PATH, {}, call, this.account);
    const answer = found === undefined ? this.client.post(CUSTOMERS_PATH, params, keyOf(call)) : known(found);
    const made = andThen<unknown, { id: string }>(answer, (one) => madeIn(one, 'customer'));
    return andThen(made, ({ id }) => known(id));
  }

  private change(call: ProviderCall, params: Json, step?: string): Promise<Outcome<unknown>> {
    const id = recordedText(call.request, 'providerCustomerId');
    return this.client.post(pathOf(CUSTOMERS_PATH, id), params, keyOf(call, step));
  }

  private delete(providerCustomerId: string): Promise<Outcome<CustomerFact>> {
    const { livemode } = this.account;
    const gone = { provider: STRIPE, livemode, providerCustomerId, deleted: true, cards: [] };
    const path = pathOf(CUSTOMERS_PATH, providerCustomerId);
    const deleted = unlessRefused<Outcome<unknown>>(['not_found'], () => this.client.delete(path), known);
    return andThen(deleted, () => known({ kind: 'customer' as const, ...gone }));
  }

  private addCard(call: ProviderCall, customerId: string): Promise<Outcome<string>> {
    return andThen(this.attach(call, customerId), (cardId) => {
      if (call.request.makeDefault !== true) return known(cardId);
      return afterActing(() =>
        andThen(this.change(call, defaultCard(cardId), 'default'), () => known(cardId)),
      );
    });
  }

  /** @returns the card's id, which differs from the token for Stripe's test tokens. */
  private attach(call: ProviderCall, customer: string): Promise<Outcome<string>> {
    const token = recordedText(call.request, 'token');
    const path = pathOf(CARDS_PATH, token, 'attach');
    return unlessRefused<Outcome<string>>(
      (error) => isFinal(error) && error.kind !== 'declined',
      () =>
        andThen(this.client.post(path, { customer }, keyOf(call)), (card) =>
          knownOr(textOf(jsonOf(card).id), unusableAnswer('not_a_payment_method')),
        ),
      async (refusal) => {
        // The form may have attached it, or a call whose key Stripe forgot.
        if ((await holderOf(this.client, token)) !== customer) throw refusal;
        return known(token);
      },
    );
  }

  private async removeCard(call: ProviderCall, customerId: string): Promise<Outcome<unknown>> {
    const cardId = recordedText(call.request, 'providerSourceId');
    const holder = await holderOf(this.client, cardId);
    if (call.sentBefore !== undefined && holder === undefined) return known(undefined);
    assertHeldBy(customerId, holder);
    return this.client.post(pathOf(CARDS_PATH, cardId, 'detach'), {}, keyOf(call));
  }
}

function defaultCard(cardId: string): Json {
  return { invoice_settings: { default_payment_method: cardId } };
}

/** Stripe itself would detach or charge anybody's card. @throws ProviderError card_unusable */
export async function assertHolds(
  client: StripeBillingCalls,
  customerId: string,
  cardId: string,
): Promise<void> {
  assertHeldBy(customerId, await holderOf(client, cardId));
}

function assertHeldBy(customerId: string, holder: string | undefined): void {
  const providerCode = holder === undefined ? 'not_attached' : 'other_customer';
  if (holder !== customerId) throw stripeError('card_unusable', { providerCode });
}

/** @throws ProviderError card_unusable for a card that Stripe does not know. */
function holderOf(client: StripeBillingCalls, cardId: string): Promise<string | undefined> {
  return unlessRefused(
    ['not_found'],
    async () => {
      const card = jsonOf(await client.get(pathOf(CARDS_PATH, cardId)));
      if (card.object !== 'payment_method') throw unusableAnswer('not_a_payment_method');
      return idOf(card.customer);
    },
    () => {
      throw stripeError('card_unusable', { providerCode: 'resource_missing' });
    },
  );
}
