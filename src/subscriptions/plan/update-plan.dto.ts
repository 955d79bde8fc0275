import { ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { NullIsAValue } from '../../http/validation/request.pipe.js';
import { CreatePlanDto, MAX_EXPIRY_COUNT } from './create-plan.dto.js';

/** What is to be another of a plan; what its provider cannot change is refused by name. */
export class UpdatePlanDto extends PartialType(
  OmitType(CreatePlanDto, ['planId', 'provider', 'expiryCount']),
) {
  /** Null: without end. */
  @NullIsAValue()
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of cycles' })
  @Min(1, { message: '$property must be at least 1' })
  @Max(MAX_EXPIRY_COUNT, { message: `$property must be at most ${MAX_EXPIRY_COUNT}` })
  @ApiPropertyOptional({ type: Number, nullable: true, minimum: 1, maximum: MAX_EXPIRY_COUNT })
  expiryCount?: number | null;
}
