import { type DynamicModule, Module } from '@nestjs/common';
import { CheckoutModule } from './checkout/checkout.module.js';
import type { Environment } from './config/environment.js';
import { SettingsModule } from './config/settings.module.js';
import { CustomersModule } from './customers/customers.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HttpModule } from './http/http.module.js';
import { JanitorModule } from './janitor/janitor.module.js';
import { KernelModule } from './kernel/kernel.module.js';
import { OpsModule } from './ops/ops.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

@Module({})
export class AppModule {
  /** @param environment in place of the process's own (tests). @throws EnvironmentFaults */
  static register(environment?: Environment): DynamicModule {
    return {
      module: AppModule,
      imports: [
        KernelModule,
        SettingsModule.register(environment),
        DatabaseModule,
        OpsModule,
        HttpModule,
        OutboxModule,
        CustomersModule,
        PaymentsModule,
        SubscriptionsModule,
        WebhooksModule,
        JanitorModule,
        CheckoutModule,
      ],
    };
  }
}
