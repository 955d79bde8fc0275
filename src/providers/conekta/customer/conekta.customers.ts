import type { CustomerFact } from '../../billing.facts.js';
import type { CommandResult, CustomerCommand, CustomersPort } from '../../billing.ports.js';
import { jsonOf, textOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import { type ConektaBillingCalls, listAll, pagesOf, rowsOf } from '../conekta.client.js';
import { afterActing } from '../conekta.doubt.js';
import { unusableAnswer } from '../conekta.errors.js';
import { bodyOf, plannedId, writeOf } from '../conekta.request.js';
import { remove } from '../endpoint/conekta.endpoints.js';
import {
  type ConektaCard,
  type ConektaCustomer,
  customerFact,
  goneCustomer,
  readCards,
  readCustomer,
} from './conekta.customer.read.js';
import { customerPath, defaultBody, customerRequest } from './conekta.customer.request.js';

type Result = Outcome<CommandResult>;

/** A card is told with its second only, and nothing of ours: when its token turns out to be used, we look wider. */
const CARD_SLACK_MS = 60_000;

/** Customers at Conekta and their cards. What makes something is looked for before it is sent again. */
export class ConektaCustomers implements CustomersPort {
  private readonly reads: CustomerReads;

  constructor(
    private readonly client: ConektaBillingCalls,
    private readonly livemode: boolean,
    private readonly installationId?: string,
  ) {
    this.reads = new CustomerReads(client, livemode);
  }

  plan(command: CustomerCommand): ProviderCall['request'] {
    return customerRequest(command, this.installationId);
  }

  retrieve(providerCustomerId: string): Promise<CustomerFact> {
    return this.reads.retrieve(providerCustomerId);
  }

  run(kind: CustomerCommand['kind'], call: ProviderCall): Promise<Result> {
    switch (kind) {
      case 'create_customer':
        return this.create(call);
      case 'add_card':
        return this.addCard(call);
      case 'delete_customer':
        return this.delete(call);
      case 'remove_card':
        return this.removeCard(call);
      case 'update_customer':
      case 'set_default_card':
        return this.change(call);
    }
  }

  private async create(call: ProviderCall): Promise<Result> {
    const found = await this.madeBefore(call);
    if (found !== undefined) return this.told(found, found);
    try {
      const answer = await this.client.write(writeOf(call));
      if (!answer.known) return answer;
      const made = readCustomer(answer.value);
      if (made === undefined) return { known: false, error: unusableAnswer('not_a_customer') };
      return await this.told(made.id, made.id);
    } catch (error) {
      const isUsed = error instanceof ProviderError && error.kind === 'card_unusable';
      // The token was used by the first sending, perhaps, which landed after we had looked.
      const late = isUsed ? await this.madeBefore(call) : undefined;
      if (late === undefined) throw error;
      return this.told(late, late);
    }
  }

  private async madeBefore({ sentBefore, ...call }: ProviderCall): Promise<string | undefined> {
    const ours = textOf(jsonOf(bodyOf(call).metadata).customerId);
    return sentBefore === undefined || ours === undefined ? undefined : this.reads.made(ours, sentBefore);
  }

  /** Setting the same again does no harm. Our ids stay in the metadata, whatever else is put there. */
  private async change(call: ProviderCall): Promise<Result> {
    const id = plannedId(call, 'customerId');
    const write = writeOf(call);
    const body = jsonOf(write.body);
    const answer = await this.client.write({
      ...write,
      body:
        body.metadata === undefined ? body : { ...body, metadata: await this.withOurs(id, body.metadata) },
    });
    return answer.known ? this.told(id) : answer;
  }

  private async delete(call: ProviderCall): Promise<Result> {
    const answer = await remove(this.client, writeOf(call).path);
    if (!answer.known) return answer;
    return { known: true, value: { facts: [goneCustomer(plannedId(call, 'customerId'), this.livemode)] } };
  }

  private async removeCard(call: ProviderCall): Promise<Result> {
    const answer = await remove(this.client, writeOf(call).path);
    return answer.known ? this.told(plannedId(call, 'customerId')) : answer;
  }

  private async addCard(call: ProviderCall): Promise<Result> {
    const id = plannedId(call, 'customerId');
    const { sentBefore } = call;
    const found = sentBefore && (await this.reads.newestCard(id, sentBefore));
    const card = found === undefined ? await this.attach(call, id) : ({ known: true, value: found } as const);
    if (!card.known) return card;
    return afterActing(async () => {
      if (call.request.makeDefault !== true) return this.told(id, card.value);
      const made = await this.makeDefault(id, card.value);
      return made.known ? this.told(id, card.value) : made;
    });
  }

  private async attach(call: ProviderCall, customerId: string): Promise<Outcome<string>> {
    try {
      const answer = await this.client.write(writeOf(call));
      if (!answer.known) return answer;
      const id = textOf(answer.value.id);
      if (id === undefined) return { known: false, error: unusableAnswer('not_a_card') };
      return { known: true, value: id };
    } catch (error) {
      const isUsed = error instanceof ProviderError && error.kind === 'card_unusable';
      if (!isUsed || call.sentBefore === undefined) throw error;
      // By the first sending, perhaps, if Conekta's clock is behind ours.
      const found = await this.reads.newestCard(customerId, call.sentBefore, CARD_SLACK_MS);
      if (found === undefined) throw error;
      return { known: true, value: found };
    }
  }

  /** The card is the customer's already: a refusal leaves it so, and the facts say which one is the default. */
  private async makeDefault(customerId: string, sourceId: string): Promise<Outcome<unknown>> {
    try {
      return await this.client.write({
        method: 'PUT',
        path: customerPath(customerId),
        body: defaultBody(sourceId),
      });
    } catch (error) {
      if (!(error instanceof ProviderError) || error.retryable) throw error;
      return { known: true, value: undefined };
    }
  }

  private async withOurs(id: string, metadata: unknown): Promise<Record<string, unknown>> {
    const { customerId, installationId } = (await this.reads.customer(id)).metadata;
    return {
      ...jsonOf(metadata),
      ...(customerId !== undefined && { customerId }),
      ...(installationId !== undefined && { installationId }),
    };
  }

  private told(id: string, madeId?: string): Promise<Result> {
    return afterActing(async () => {
      const facts = [await this.reads.retrieve(id)];
      return { known: true, value: { facts, ...(madeId !== undefined && { madeId }) } };
    });
  }
}

/** Conekta's clock may be behind ours. */
const CLOCK_SLACK_MS = 600_000;

/** What is asked of Conekta about customers. */
export class CustomerReads {
  constructor(
    private readonly client: ConektaBillingCalls,
    private readonly livemode: boolean,
  ) {}

  async retrieve(id: string): Promise<CustomerFact> {
    try {
      const customer = await this.customer(id);
      return customerFact(customer, await this.cards(customer));
    } catch (error) {
      if (error instanceof ProviderError && error.kind === 'not_found')
        return goneCustomer(id, this.livemode);
      throw error;
    }
  }

  async customer(id: string): Promise<ConektaCustomer> {
    const customer = readCustomer(await this.client.read(customerPath(id)));
    if (customer?.id !== id) throw unusableAnswer('not_the_customer');
    return customer;
  }

  /** The newest card that the customer has got since then. */
  async newestCard(id: string, since: Date, slackMs = 0): Promise<string | undefined> {
    const from = Math.floor(since.getTime() / 1000) * 1000 - slackMs;
    const cards = await this.cards(await this.customer(id));
    return cards.findLast(({ createdAt }) => createdAt.getTime() >= from)?.saved.providerSourceId;
  }

  /**
   * The customer that a call has made, by our id in its metadata, which cannot be searched. Conekta lists the newest
   * first; a page that is told the other way round is no reason to stop.
   */
  async made(customerId: string, since: Date): Promise<string | undefined> {
    const from = since.getTime() - CLOCK_SLACK_MS;
    for await (const page of pagesOf(this.client, '/customers')) {
      const customers = rowsOf(page).flatMap((one) => readCustomer(one) ?? []);
      const found = customers.find(({ metadata }) => metadata.customerId === customerId);
      if (found !== undefined) return found.id;
      const [newest, oldest] = [customers.at(0), customers.at(-1)];
      if (newest === undefined || oldest === undefined) continue;
      if (oldest.createdAt.getTime() < from && newest.createdAt >= oldest.createdAt) return undefined;
    }
    return undefined;
  }

  private async cards({ id, cards }: ConektaCustomer): Promise<readonly ConektaCard[]> {
    return (
      cards ?? readCards((await listAll(this.client, `${customerPath(id)}/payment_sources`)).map(jsonOf))
    );
  }
}
