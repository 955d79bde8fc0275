import { randomUUID } from 'node:crypto';
import type { CustomerFact, SavedCard } from '../../../src/providers/billing.facts.js';
import type {
  CardSetup,
  CardSetupsPort,
  CommandResult,
  CustomerCommand,
  CustomersPort,
} from '../../../src/providers/billing.ports.js';
import { jsonOf, metadataOf, textOf } from '../../../src/providers/json.read.js';
import type { Outcome, ProviderCall } from '../../../src/providers/provider.calls.js';
import { ProviderError, type ProviderErrorKind } from '../../../src/providers/provider.errors.js';
import type { Capability, OptionalParts, PaymentProvider } from '../../../src/providers/provider.port.js';
import type { Answer } from './fake.provider.js';

/** A customer as the provider has it; tests play the provider's panel on it. */
export interface FakeCustomer {
  providerCustomerId: string;
  customerId?: string | undefined;
  deleted: boolean;
  name?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  cards: SavedCard[];
  defaultCardId?: string | undefined;
  metadata: Readonly<Record<string, string>>;
}

export function savedCard(changes: Partial<SavedCard> = {}): SavedCard {
  const providerSourceId = `src_${randomUUID()}`;
  return {
    providerSourceId,
    brand: 'visa',
    last4: '4242',
    expMonth: 12,
    expYear: 2034,
    blocked: false,
    ...changes,
  };
}

const notHere = (): never => {
  throw new Error('this provider only keeps customers');
};

/** A provider in memory that keeps customers: acts once for each operation, takes each token once. */
export class FakeCustomers
  implements PaymentProvider, Pick<OptionalParts, 'customers'>, Pick<OptionalParts, 'cardSetups'>
{
  readonly livemode = false;
  readonly hasWebhookKeys = true;
  readonly capabilities: ReadonlySet<Capability> = new Set(['customers', 'card_setups']);
  readonly kept: FakeCustomer[] = [];
  /** Every mutating call that arrived, in order. */
  readonly calls: string[] = [];
  /** For the next mutating calls, first come first served; then `ok`. */
  answers: Answer[] = [];
  /** Runs when a mutating call has acted and was read, before its answer is here. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  /** Runs while the provider is asked about a form. */
  asked: () => Promise<void> = () => Promise.resolve();
  /** What came of each form, where the provider tells. */
  readonly filledIn = new Map<string, string>();
  expiresInMs = 3_600_000;
  private readonly usedTokens = new Set<string>();
  private readonly done = new Map<string, { id: string; madeId?: string | undefined }>();

  readonly sessionRequest = notHere;
  readonly createSession = notHere;
  readonly expireSession = notHere;
  readonly retrieve = notHere;
  readonly verify = notHere;
  readonly subjectOf = notHere;
  readonly mayNeedRead = notHere;
  readonly factsOf = notHere;

  readonly customers: CustomersPort = {
    request: (command) => ({ ...command }),
    run: (kind, call) => this.run(kind, call),
    retrieve: (id) => Promise.resolve(this.fact(id)),
  };
  readonly cardSetups: CardSetupsPort;

  /** @param attachesCards what CardSetupsPort says of it. */
  constructor(
    readonly name: string,
    attachesCards = false,
  ) {
    this.cardSetups = {
      attachesCards,
      request: (input) => ({ ...input }),
      create: (call) => this.openForm(call),
      form: notHere,
      tokenOf: async (id) => {
        await this.asked();
        return this.filledIn.get(id);
      },
    };
  }

  /** What a test has done to its calls; the customers stay. */
  forget(): void {
    this.calls.length = 0;
    this.answers = [];
    this.meanwhile = this.asked = () => Promise.resolve();
    this.expiresInMs = 3_600_000;
  }

  get(providerCustomerId: string): FakeCustomer {
    const customer = this.kept.find((one) => one.providerCustomerId === providerCustomerId);
    if (customer === undefined) throw this.refusal('not_found');
    return customer;
  }

  private fact(id: string): CustomerFact {
    const { metadata: _, ...customer } = this.get(id);
    return { kind: 'customer', provider: this.name, livemode: this.livemode, ...structuredClone(customer) };
  }

  private async run(kind: CustomerCommand['kind'], call: ProviderCall): Promise<Outcome<CommandResult>> {
    this.calls.push(kind);
    const answer = this.answers.shift() ?? 'ok';
    if (answer === 'vanished') return { known: false, error: new Error('no answer') };
    if (answer !== 'ok' && answer !== 'lost') throw this.refusal(answer);
    const done = this.done.get(call.operationId) ?? this.act(kind, jsonOf(call.request));
    this.done.set(call.operationId, done);
    const facts = [this.fact(done.id)];
    await this.meanwhile();
    if (answer === 'lost') return { known: false, error: new Error('no answer') };
    return { known: true, value: { facts, madeId: done.madeId } };
  }

  private act(
    kind: CustomerCommand['kind'],
    request: Readonly<Record<string, unknown>>,
  ): { id: string; madeId?: string | undefined } {
    const token = textOf(request.token);
    if (kind === 'create_customer') {
      const made = this.create(request);
      if (token !== undefined) made.defaultCardId = this.attach(made, token);
      this.kept.push(made);
      return { id: made.providerCustomerId };
    }
    const customer = this.get(textOf(request.providerCustomerId) ?? '');
    const id = customer.providerCustomerId;
    if (kind === 'delete_customer') Object.assign(customer, { deleted: true, cards: [] });
    if (kind === 'update_customer') {
      const { name, email, phone, metadata } = request;
      const said = { name: textOf(name), email: textOf(email), phone: textOf(phone) };
      Object.assign(customer, Object.fromEntries(Object.entries(said).filter(([, value]) => value)));
      if (metadata !== undefined) customer.metadata = metadataOf(metadata);
    }
    if (kind === 'add_card') {
      const madeId = this.attach(customer, token ?? '');
      if (request.makeDefault === true) customer.defaultCardId = madeId;
      return { id, madeId };
    }
    const source = textOf(request.providerSourceId) ?? '';
    if (kind === 'remove_card') {
      if (!customer.cards.some((card) => card.providerSourceId === source))
        throw this.refusal('card_unusable');
      customer.cards = customer.cards.filter((card) => card.providerSourceId !== source);
    }
    if (kind === 'set_default_card') customer.defaultCardId = source;
    return { id };
  }

  private create(request: Readonly<Record<string, unknown>>): FakeCustomer {
    return {
      providerCustomerId: `cus_${randomUUID()}`,
      customerId: textOf(request.customerId),
      deleted: false,
      name: textOf(request.name),
      email: textOf(request.email),
      phone: textOf(request.phone),
      cards: [],
      metadata: metadataOf(request.metadata),
    };
  }

  private attach(customer: FakeCustomer, token: string): string {
    if (this.usedTokens.has(token)) throw this.refusal('card_unusable');
    this.usedTokens.add(token);
    const card = savedCard();
    customer.cards.push(card);
    return card.providerSourceId;
  }

  private openForm(call: ProviderCall): Promise<Outcome<CardSetup>> {
    this.calls.push('create_card_setup');
    const answer = this.answers.shift() ?? 'ok';
    if (answer === 'vanished') return Promise.resolve({ known: false, error: new Error('no answer') });
    if (answer !== 'ok' && answer !== 'lost') return Promise.reject(this.refusal(answer));
    const providerSetupId = `form_${call.operationId}`;
    const embed = { checkoutId: providerSetupId, publicKey: 'pk_fake' };
    const token = this.cardSetups.attachesCards ? undefined : `tok_${call.operationId}`;
    const expiresAt = new Date(Date.now() + this.expiresInMs);
    const value = { providerSetupId, embed, token, expiresAt, livemode: this.livemode };
    return Promise.resolve({ known: true, value });
  }

  private refusal(kind: ProviderErrorKind): ProviderError {
    return new ProviderError(kind, `refused: ${kind}`, { provider: this.name, providerCode: kind });
  }
}
