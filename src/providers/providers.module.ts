import { Module } from '@nestjs/common';
import { RoutingSettings, StripeSettings } from '../config/settings.js';
import { Clock } from '../kernel/clock.js';
import { Metrics } from '../ops/metrics.js';
import type { ObserveCall } from './provider.calls.js';
import type { PaymentProvider } from './provider.port.js';
import { ProviderRegistry } from './provider.registry.js';
import { StripeProvider } from './stripe/stripe.provider.js';

/** The one place that names every provider. */
@Module({
  providers: [
    {
      provide: ProviderRegistry,
      inject: [StripeSettings, RoutingSettings, Clock, Metrics],
      useFactory: (
        stripe: StripeSettings,
        routing: RoutingSettings,
        clock: Clock,
        metrics: Metrics,
      ): ProviderRegistry => {
        const observe: ObserveCall = ({ provider, kind, outcome, seconds }) => {
          metrics.providerCalls.inc({ provider, kind, outcome });
          metrics.providerCallSeconds.observe({ provider, kind }, seconds);
        };
        const providers: PaymentProvider[] = [];
        if (stripe.secretKey !== undefined) {
          const { secretKey, webhookSecrets, apiBase } = stripe;
          providers.push(new StripeProvider({ secretKey, webhookSecrets, apiBase, clock, observe }));
        }
        return new ProviderRegistry(providers, routing);
      },
    },
  ],
  exports: [ProviderRegistry],
})
export class ProvidersModule {}
