import { Module } from '@nestjs/common';
import { OpsModule } from '../ops/ops.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { EndpointsHttpController } from './endpoint/endpoints.http.controller.js';
import { EndpointsModule } from './endpoint/endpoints.module.js';
import { WebhookKeysCheck } from './endpoint/webhook.keys.js';
import { EventOwners } from './event.owners.js';
import { EventProcessor } from './event.processor.js';
import { EventStore } from './events/event.store.js';
import { EventsHttpController } from './events/events.http.controller.js';
import { EventsService } from './events/events.service.js';
import { InboxGauges } from './inbox.gauges.js';
import { InboxStore } from './inbox.store.js';
import { InboxWorker } from './inbox.worker.js';
import { InboxWriter } from './inbox.writer.js';
import { WebhookIntake } from './webhook.intake.js';
import { WebhooksHttpController } from './webhooks.http.controller.js';

@Module({
  imports: [PaymentsModule, SubscriptionsModule, OpsModule, EndpointsModule],
  controllers: [WebhooksHttpController, EndpointsHttpController, EventsHttpController],
  providers: [
    WebhookIntake,
    WebhookKeysCheck,
    InboxStore,
    InboxWriter,
    InboxWorker,
    EventProcessor,
    EventStore,
    EventsService,
    EventOwners,
    InboxGauges,
  ],
})
export class WebhooksModule {}
