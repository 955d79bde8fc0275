import type { CustomerFact } from '../../billing.facts.js';
import { jsonOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { ConektaCard } from './conekta.card.js';
import type { ConektaBillingCalls } from '../conekta.client.js';
import {
  type ConektaCustomer,
  customerFact,
  goneCustomer,
  readCards,
  readCustomer,
} from './conekta.customer.js';
import { customerPath } from './conekta.customer.plan.js';
import { unusableAnswer } from '../conekta.errors.js';
import { listAll, pagesOf, rowsOf } from '../conekta.listing.js';

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
