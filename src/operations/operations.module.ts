import { Module } from '@nestjs/common';
import { ProvidersModule } from '../providers/providers.module.js';
import { OperationExecutor } from './operation.executor.js';
import { OperationHandlers } from './operation.handler.js';
import { OperationStore } from './operation.store.js';

/** Calls that change something at a provider: recorded, made, settled. */
@Module({
  imports: [ProvidersModule],
  providers: [OperationStore, OperationHandlers, OperationExecutor],
  exports: [OperationStore, OperationHandlers, OperationExecutor, ProvidersModule],
})
export class OperationsModule {}
