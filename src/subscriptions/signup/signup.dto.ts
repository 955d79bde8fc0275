import { OmitType, PartialType, IntersectionType } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { CreateCustomerDto } from '../../customers/customer/customer.dto.js';
import { IsMetadata } from '../../http/validation/text.rules.js';
import { CreateSubscriptionDto } from '../subscription/create-subscription.dto.js';

/** What a subscription is asked for with, beside who subscribes and with which card: both are made in the same call. */
class SignupSubscriptionDto extends PartialType(
  OmitType(CreateSubscriptionDto, ['customerId', 'paymentSourceId', 'metadata']),
) {}

/** A new customer; with `planId`, one who subscribes in the same call with the card of `token`. */
export class SignupDto extends IntersectionType(CreateCustomerDto, SignupSubscriptionDto) {
  /** Your own keys and values of the subscription; they come back in its events. */
  @IsOptional()
  @IsMetadata()
  subscriptionMetadata?: Record<string, string>;
}
