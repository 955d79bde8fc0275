import { Module } from '@nestjs/common';
import { HttpModule } from '../../http/http.module.js';
import { OperationsModule } from '../../operations/operations.module.js';
import { PlanApplier } from './plan.applier.js';
import { PlanCommands } from './plan.commands.js';
import { PlanImporter } from './plan.importer.js';
import { PlanOperations } from './plan.operations.js';
import { PlanPlanner } from './plan.planner.js';
import { PlanReservation } from './plan.reservation.js';
import { PlanStore } from './plan.store.js';
import { PlanTruth } from './plan.truth.js';
import { PlanWriter } from './plan.writer.js';
import { PlansEndpoint } from './plans.endpoint.js';
import { PlansHttpController } from './plans.http.controller.js';
import { PlansNatsController } from './plans.nats.controller.js';
import { PlansService } from './plans.service.js';

/** What can be subscribed to. */
@Module({
  imports: [OperationsModule, HttpModule],
  controllers: [PlansHttpController, PlansNatsController],
  providers: [
    PlanStore,
    PlanWriter,
    PlanImporter,
    PlanApplier,
    PlanTruth,
    PlanPlanner,
    PlanReservation,
    PlanOperations,
    PlanCommands,
    PlansService,
    PlansEndpoint,
  ],
  exports: [PlanStore, PlanTruth, PlansService],
})
export class PlansModule {}
