import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments/payments.module.js';
import { ProviderRegistry } from '../providers/provider.registry.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { Janitor, type Round } from './janitor.js';
import {
  OperationRound,
  PaymentRound,
  Retention,
  SubscriptionRound,
  UnconfiguredRound,
} from './janitor.rounds.js';
import { JanitorStore } from './janitor.store.js';

const ROUNDS = [OperationRound, PaymentRound, SubscriptionRound, UnconfiguredRound, Retention];

/** Reconciliation and retention. */
@Module({
  imports: [PaymentsModule, ProvidersModule, SubscriptionsModule],
  providers: [
    JanitorStore,
    ...ROUNDS,
    {
      provide: Janitor,
      inject: [ProviderRegistry, ...ROUNDS],
      useFactory: (providers: ProviderRegistry, ...rounds: Round[]) => new Janitor(rounds, providers),
    },
  ],
})
export class JanitorModule {}
