import type { CustomerFact } from '../../billing.facts.js';
import type { CommandResult, CustomerCommand, CustomersPort } from '../../billing.ports.js';
import { jsonOf, secondsBefore, textOf } from '../../json.read.js';
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
import { given } from '../../request.rules.js';
import { CONEKTA, type ConektaAccount } from '../conekta.account.js';
import { type ConektaBillingCalls, listAll, rowsSince } from '../conekta.client.js';
import { unusableAnswer } from '../conekta.errors.js';
import { recordedId, writeOf } from '../conekta.request.js';
import {
  byAge,
  type ConektaCard,
  type ConektaCustomer,
  customerFact,
  readCard,
  readCustomer,
} from './conekta.customer.read.js';
import { customerPath, customerRequest, defaultBody } from './conekta.customer.request.js';

type Result = Outcome<CommandResult>;

/** A card tells its second only, and nothing of ours: when its token is used up, we look wider. */
const CARD_SLACK_SECONDS = 60;

/** What makes something is looked for before it is sent again. */
export class ConektaCustomers implements CustomersPort {
  constructor(
    private readonly client: ConektaBillingCalls,
    private readonly account: Pick<ConektaAccount, 'livemode' | 'installationId'>,
  ) {}

  request(command: CustomerCommand): ProviderCall['request'] {
    return customerRequest(command, this.account.installationId);
  }

  retrieve(id: string): Promise<CustomerFact> {
    return unlessRefused(
      ['not_found'],
      async () => {
        const customer = await this.customer(id);
        return customerFact(customer, await this.cards(customer));
      },
      () => this.gone(id),
    );
  }

  async run(kind: CustomerCommand['kind'], call: ProviderCall): Promise<Result> {
    if (kind === 'create_customer') return andThen(this.create(call), (id) => this.told(id, id));
    const id = recordedId(call, 'customerId');
    switch (kind) {
      case 'add_card':
        return this.addCard(call, id);
      case 'delete_customer':
        return andThen(this.remove(call), () => known({ facts: [this.gone(id)] }));
      case 'remove_card':
        return andThen(this.remove(call), () => this.told(id));
      case 'update_customer':
      case 'set_default_card':
        return this.change(call, id);
    }
  }

  /** @returns the customer's id. */
  private async create(call: ProviderCall): Promise<Outcome<string>> {
    const found = await this.madeBefore(call);
    if (found !== undefined) return known(found);
    return unlessRefused<Outcome<string>>(
      ['card_unusable'],
      () =>
        andThen(this.client.write(writeOf(call)), (answer) =>
          knownOr(readCustomer(answer)?.id, unusableAnswer('not_a_customer')),
        ),
      async (refusal) => {
        // The first sending may have used the token after we had looked.
        const late = await this.madeBefore(call);
        if (late === undefined) throw refusal;
        return known(late);
      },
    );
  }

  /** By our id in the metadata, which cannot be searched. */
  private async madeBefore({ sentBefore, request }: ProviderCall): Promise<string | undefined> {
    const ours = textOf(jsonOf(jsonOf(request.body).metadata).customerId);
    if (sentBefore === undefined || ours === undefined) return undefined;
    for await (const { id, fact } of rowsSince(this.client, '/customers', readCustomer, sentBefore))
      if (fact.customerId === ours) return id;
    return undefined;
  }

  /** Setting the same again does no harm. Our ids stay in the metadata. */
  private async change(call: ProviderCall, id: string): Promise<Result> {
    const write = writeOf(call);
    let body = jsonOf(write.body);
    if (body.metadata !== undefined) {
      const { customerId, installationId } = (await this.customer(id)).fact;
      const metadata = { ...jsonOf(body.metadata), ...given({ customerId, installationId }) };
      body = { ...body, metadata };
    }
    return andThen(this.client.write({ ...write, body }), () => this.told(id));
  }

  /** What is not there is removed already. */
  private remove(call: ProviderCall): Promise<Outcome<unknown>> {
    return unlessRefused<Outcome<unknown>>(
      ['not_found'],
      () => this.client.write({ method: 'DELETE', path: writeOf(call).path }),
      known,
    );
  }

  private async addCard(call: ProviderCall, id: string): Promise<Result> {
    const { sentBefore } = call;
    const found = sentBefore && (await this.newestCard(id, sentBefore, 0));
    return andThen(found === undefined ? this.attach(call, id) : known(found), (cardId) => {
      const made = call.request.makeDefault === true ? this.makeDefault(id, cardId) : known(undefined);
      return afterActing(() => andThen(made, () => this.told(id, cardId)));
    });
  }

  private attach(call: ProviderCall, customerId: string): Promise<Outcome<string>> {
    const { sentBefore } = call;
    return unlessRefused<Outcome<string>>(
      ['card_unusable'],
      () =>
        andThen(this.client.write(writeOf(call)), ({ id }) =>
          knownOr(textOf(id), unusableAnswer('not_a_card')),
        ),
      async (refusal) => {
        // The first sending may have used it, if Conekta's clock is behind ours.
        const found = sentBefore && (await this.newestCard(customerId, sentBefore, CARD_SLACK_SECONDS));
        if (found === undefined) throw refusal;
        return known(found);
      },
    );
  }

  /** The card is the customer's already: a refusal leaves it so, and the facts say which one is the default. */
  private makeDefault(customerId: string, sourceId: string): Promise<Outcome<unknown>> {
    const write = { method: 'PUT', path: customerPath(customerId), body: defaultBody(sourceId) } as const;
    return unlessRefused<Outcome<unknown>>(isFinal, () => this.client.write(write), known);
  }

  private told(id: string, madeId?: string): Promise<Result> {
    return afterActing(async () => known({ facts: [await this.retrieve(id)], ...given({ madeId }) }));
  }

  private async customer(id: string): Promise<ConektaCustomer> {
    const customer = readCustomer(await this.client.read(customerPath(id)));
    if (customer?.id !== id) throw unusableAnswer('not_the_customer');
    return customer;
  }

  private async cards({ id, cards }: ConektaCustomer): Promise<readonly ConektaCard[]> {
    return cards ?? byAge(await listAll(this.client, `${customerPath(id)}/payment_sources`, readCard));
  }

  /** What is left to say of one that Conekta does not know any more. */
  private gone(providerCustomerId: string): CustomerFact {
    const { livemode } = this.account;
    return { kind: 'customer', provider: CONEKTA, livemode, providerCustomerId, deleted: true, cards: [] };
  }

  /** The newest card that the customer has got since then. */
  private async newestCard(id: string, since: Date, slackSeconds: number): Promise<string | undefined> {
    const from = secondsBefore(since, slackSeconds) * 1000;
    const cards = await this.cards(await this.customer(id));
    return cards.findLast(({ createdAt }) => createdAt.getTime() >= from)?.saved.providerSourceId;
  }
}
