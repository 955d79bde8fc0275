import { OmitType, PartialType, IntersectionType } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { CreateCustomerDto } from '../../customers/customer/customer.dto.js';
import { CustomerResource } from '../../customers/customer/customer.view.js';
import { IsMetadata } from '../../http/validation/text.rules.js';
import { CreateSubscriptionDto } from '../subscription/subscription.dto.js';
import { SubscriptionResource } from '../subscription/subscription.view.js';

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

/** A new customer, and what was subscribed to in the same call. */
export class SignupAnswer extends CustomerResource {
  subscription!: SubscriptionResource | null;
}
