import { PlainText } from '../../http/validation/text.rules.js';
import { UpdatePlanDto } from './update-plan.dto.js';

/** Longer than ours: a plan of a provider's panel has the id that it has there. */
const MAX_PLAN_ID = 250;

/** Which plan, where no path says it. */
export class PlanRefDto {
  @PlainText({ max: MAX_PLAN_ID })
  planId!: string;
}

/** A change of a plan, where no path says of which. */
export class UpdatePlanByIdDto extends UpdatePlanDto {
  @PlainText({ max: MAX_PLAN_ID })
  planId!: string;
}
