import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments/payments.module.js';
import { Janitor, JanitorHands } from './janitor.js';

/** Reconciliation. */
@Module({ imports: [PaymentsModule], providers: [Janitor, JanitorHands] })
export class JanitorModule {}
