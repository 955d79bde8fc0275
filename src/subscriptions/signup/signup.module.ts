import { Module } from '@nestjs/common';
import { CustomersModule } from '../../customers/customers.module.js';
import { HttpModule } from '../../http/http.module.js';
import { SubscriptionsModule } from '../subscriptions.module.js';
import { SignupEndpoint } from './signup.endpoint.js';
import { SignupHttpController } from './signup.http.controller.js';
import { SignupNatsController } from './signup.nats.controller.js';
import { SignupService } from './signup.service.js';

/** A customer and its subscription in one call. */
@Module({
  imports: [CustomersModule, SubscriptionsModule, HttpModule],
  controllers: [SignupHttpController, SignupNatsController],
  providers: [SignupService, SignupEndpoint],
})
export class SignupModule {}
