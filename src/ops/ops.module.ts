import { Global, Module } from '@nestjs/common';
import { DatabaseChecks } from './readiness.checks.js';
import { HealthHttpController, MetricsHttpController } from './ops.http.controller.js';
import { Metrics } from './metrics.js';
import { OperatorLog } from './operator.log.store.js';
import { ReadinessRegistry } from './readiness.js';

/** Global: every room counts in `Metrics` and registers with `ReadinessRegistry`. Expects a `Database` to be there. */
@Global()
@Module({
  controllers: [HealthHttpController, MetricsHttpController],
  providers: [Metrics, ReadinessRegistry, DatabaseChecks, OperatorLog],
  exports: [Metrics, ReadinessRegistry, OperatorLog],
})
export class OpsModule {}
