import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/database.clock.js';
import type { Cause } from '../../kernel/applied.js';
import type { SubscriptionSubject } from '../../providers/billing.facts.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { FactReferencesReader } from './fact.references.js';
import { GoneSubscriptions } from './gone.subscriptions.js';
import { KnownSubscriptions } from './known.subscriptions.js';
import type { SubscriptionReading } from '../subscription/subscription.js';

/** Reads subscriptions at their provider, with the plans and cards that they name. */
@Injectable()
export class SubscriptionReader {
  constructor(
    private readonly clock: DatabaseClock,
    private readonly providers: ProviderRegistry,
    private readonly known: KnownSubscriptions,
    private readonly references: FactReferencesReader,
    private readonly gone: GoneSubscriptions,
  ) {}

  /** Undefined for a subscription that is none of ours. @throws ProviderError */
  async read(
    provider: string,
    subject: SubscriptionSubject,
    cause: Cause,
  ): Promise<SubscriptionReading | undefined> {
    const { subscriptions } = this.providers.with(provider, 'subscriptions');
    const known = await this.known.complete(provider, subject);
    if (known === undefined) return undefined;
    const readFrom = await this.clock.now();
    const fact = await subscriptions
      .retrieve(known.subject)
      .catch((error: unknown) => this.gone.factOf(known, provider, error));
    if (fact === undefined) return undefined;
    return { fact: await this.references.ensure(fact, cause), readFrom, trialEnding: subject.trialEnding };
  }

  /** Undefined while the provider has not made it. @throws ProviderError */
  async readOwn(id: string, cause: Cause): Promise<SubscriptionReading | undefined> {
    const own = await this.known.subjectOf(id);
    return own && this.read(own.provider, own.subject, cause);
  }
}
