import { IntersectionType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsUUID } from 'class-validator';
import { PageDto } from '../../http/validation/page.dto.js';
import { IsInstant, IsMetadata, NoCardNumber, OrderId, PlainText } from '../../http/validation/text.rules.js';
import { markedBy, orderIdText } from '../../kernel/order.id.js';
import { SUBSCRIPTION_STATUSES, type SubscriptionStatus } from '../../providers/billing.facts.js';
import { OPEN_INVOICES, type OpenInvoices } from '../../providers/billing.ports.js';
import { MAX_PLAN_ID } from '../plan/plan.dto.js';

const MAX_REASON = 500;

/** Who subscribes to what. */
export class CreateSubscriptionDto {
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId!: string;

  /** The plan's provider charges the customer. */
  @PlainText({ max: MAX_PLAN_ID })
  planId!: string;

  /** The card that is charged. Default: the customer's default one at the plan's provider. */
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a card' })
  paymentSourceId?: string;

  /** When the first cycle is charged, in place of the plan's trial days (RFC 3339, with its offset). */
  @IsOptional()
  @IsInstant()
  trialEnd?: string;

  /** The order that the first paid cycle pays for, as its owner names it. */
  @IsOptional()
  @OrderId()
  orderId?: string | number;

  /** Your own keys and values; they come back in every event. */
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}

/** What is to be another of a subscription. */
export class UpdateSubscriptionDto {
  /** Of the same provider. Charged from the end of the present cycle on. */
  @IsOptional()
  @PlainText({ max: MAX_PLAN_ID })
  planId?: string;

  /**
   * With `planId`. `prorate`: from now on, and what is left of the present cycle is settled on the next bill, where
   * the provider can. Default `none`.
   */
  @IsOptional()
  @IsIn(['none', 'prorate'], { message: '$property must be none or prorate' })
  proration?: 'none' | 'prorate';

  /** The card that is charged from now on. */
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a card' })
  paymentSourceId?: string;
}

/** How a subscription ends. */
export class CancelSubscriptionDto {
  /** True: the present cycle is the last one, where the provider can. Default: now. */
  @IsOptional()
  @IsBoolean({ message: '$property must be true or false' })
  atPeriodEnd?: boolean;

  /**
   * What becomes of what it still owes, where the provider can: `void` closes its open and its draft invoices, which
   * nobody can pay then. Default `keep`.
   */
  @IsOptional()
  @IsIn(OPEN_INVOICES, { message: `$property must be ${OPEN_INVOICES.join(' or ')}` })
  openInvoices?: OpenInvoices;

  /** Why, in words. It comes back as `cancelComment`, also in events: nothing that is secret. */
  @IsOptional()
  @PlainText({ max: MAX_REASON })
  @NoCardNumber()
  reason?: string;
}

/** Which subscription, where no path says it. */
export class SubscriptionRefDto {
  @IsUUID(undefined, { message: '$property must be the id of a subscription' })
  subscriptionId!: string;
}

export class UpdateSubscriptionByIdDto extends IntersectionType(UpdateSubscriptionDto, SubscriptionRefDto) {}
export class CancelSubscriptionByIdDto extends IntersectionType(CancelSubscriptionDto, SubscriptionRefDto) {}

/** Which subscriptions, newest first. */
export class ListSubscriptionsDto extends PageDto {
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId?: string;

  /** What the running cycle is charged by. */
  @IsOptional()
  @PlainText({ max: MAX_PLAN_ID })
  planId?: string;

  @IsOptional()
  @IsIn(SUBSCRIPTION_STATUSES, {
    message: `$property must be one of ${SUBSCRIPTION_STATUSES.join(', ')}`,
  })
  status?: SubscriptionStatus;
}

/** A subscription that a caller asks for, parsed. */
export interface NewSubscription extends Omit<CreateSubscriptionDto, 'trialEnd' | 'orderId'> {
  trialEnd?: Date | undefined;
  orderId?: string | undefined;
}

export function newSubscription(dto: CreateSubscriptionDto): NewSubscription {
  const { trialEnd, orderId, metadata } = dto;
  return {
    ...dto,
    trialEnd: trialEnd === undefined ? undefined : new Date(trialEnd),
    orderId: orderId === undefined ? undefined : orderIdText(orderId),
    metadata: typeof orderId === 'number' ? markedBy(orderId, metadata) : metadata,
  };
}
