import { IsBoolean, IsOptional } from 'class-validator';

/** How a subscription ends. */
export class CancelSubscriptionDto {
  /** True: the present cycle is the last one, where the provider can. Default: now. */
  @IsOptional()
  @IsBoolean({ message: '$property must be true or false' })
  atPeriodEnd?: boolean;
}
