import { Module } from '@nestjs/common';
import { OutboxModule } from '../outbox/outbox.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { OperationExecutor } from './operation.executor.js';
import { OperationHandlers } from './operation.handler.js';
import { OperationStore } from './operation.store.js';
import { OperationTurn } from './operation.turn.js';

/** Calls that change something at a provider: recorded, made, settled. */
@Module({
  imports: [OutboxModule, ProvidersModule],
  providers: [OperationStore, OperationHandlers, OperationExecutor, OperationTurn],
  exports: [OperationStore, OperationHandlers, OperationExecutor, OperationTurn, ProvidersModule],
})
export class OperationsModule {}
