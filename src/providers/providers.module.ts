import { Module } from '@nestjs/common';
import { ConektaSettings, RoutingSettings, ServiceSettings, StripeSettings } from '../config/settings.js';
import { Clock } from '../kernel/clock.js';
import { InstallationId } from '../kernel/ids.js';
import { Metrics } from '../ops/metrics.js';
import { ReadinessRegistry } from '../ops/readiness.js';
import { ConektaProvider } from './conekta/conekta.provider.js';
import type { ObserveCall } from './provider.calls.js';
import type { PaymentProvider } from './provider.port.js';
import { ProviderCheck, ProviderHealth, ProviderRegistry } from './provider.registry.js';
import { StripeProvider } from './stripe/stripe.provider.js';

/** The one place that names every provider. */
@Module({
  providers: [
    { provide: ProviderHealth, inject: [Clock], useFactory: (clock: Clock) => new ProviderHealth(clock) },
    {
      provide: ProviderRegistry,
      inject: [
        StripeSettings,
        ConektaSettings,
        RoutingSettings,
        ServiceSettings,
        ProviderHealth,
        Clock,
        Metrics,
        ReadinessRegistry,
        InstallationId,
      ],
      useFactory: (
        stripe: StripeSettings,
        conekta: ConektaSettings,
        routing: RoutingSettings,
        { nodeEnv }: ServiceSettings,
        health: ProviderHealth,
        clock: Clock,
        metrics: Metrics,
        readiness: ReadinessRegistry,
        { id: installationId }: InstallationId,
      ): ProviderRegistry => {
        const observe: ObserveCall = (call) => {
          const { provider, kind, outcome, seconds } = call;
          health.note(call);
          metrics.providerCalls.inc({ provider, kind, outcome });
          metrics.providerCallSeconds.observe({ provider, kind }, seconds);
        };
        const providers: PaymentProvider[] = [];
        const offer = (provider: PaymentProvider, standIn: boolean): void => {
          providers.push(provider);
          readiness.register(new ProviderCheck(provider.name, health, standIn && nodeEnv === 'production'));
        };
        if (stripe.secretKey !== undefined) {
          const { secretKey } = stripe;
          const options = { ...stripe, secretKey, installationId, clock, observe };
          offer(new StripeProvider(options), stripe.standIn);
        }
        if (conekta.privateKey !== undefined) {
          const { privateKey } = conekta;
          const options = { ...conekta, privateKey, installationId, clock, observe };
          offer(new ConektaProvider(options), conekta.standIn);
        }
        return new ProviderRegistry(providers, routing, health);
      },
    },
  ],
  exports: [ProviderRegistry],
})
export class ProvidersModule {}
