import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments/payments.module.js';
import { ProviderRegistry } from '../providers/provider.registry.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { Janitor, type Round } from './janitor.js';
import { OperationRound, PaymentRound, SubscriptionRound } from './janitor.rounds.js';
import { Retention } from './retention.js';
import { RetentionStore } from './retention.store.js';

const ROUNDS = [OperationRound, PaymentRound, SubscriptionRound, Retention];

/** Reconciliation and retention. */
@Module({
  imports: [PaymentsModule, ProvidersModule, SubscriptionsModule],
  providers: [
    RetentionStore,
    ...ROUNDS,
    {
      provide: Janitor,
      inject: [ProviderRegistry, ...ROUNDS],
      useFactory: (providers: ProviderRegistry, ...rounds: Round[]) => new Janitor(rounds, providers),
    },
  ],
})
export class JanitorModule {}
