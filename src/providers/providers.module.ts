import { Module } from '@nestjs/common';
import { RoutingSettings, StripeSettings } from '../config/settings.js';
import type { PaymentProvider } from './provider.port.js';
import { ProviderRegistry } from './provider.registry.js';
import { StripeProvider } from './stripe/stripe.provider.js';

/** The one place that names every provider. */
@Module({
  providers: [
    {
      provide: ProviderRegistry,
      inject: [StripeSettings, RoutingSettings],
      useFactory: (stripe: StripeSettings, routing: RoutingSettings): ProviderRegistry => {
        const providers: PaymentProvider[] = [];
        if (stripe.secretKey !== undefined) {
          const { secretKey, webhookSecrets, apiBase } = stripe;
          providers.push(new StripeProvider({ secretKey, webhookSecrets, apiBase }));
        }
        return new ProviderRegistry(providers, routing);
      },
    },
  ],
  exports: [ProviderRegistry],
})
export class ProvidersModule {}
