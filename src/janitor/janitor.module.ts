import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments/payments.module.js';
import { Janitor, JanitorHands } from './janitor.js';
import { Retention } from './retention.js';
import { RetentionStore } from './retention.store.js';

/** Reconciliation and retention. */
@Module({ imports: [PaymentsModule], providers: [Janitor, JanitorHands, Retention, RetentionStore] })
export class JanitorModule {}
