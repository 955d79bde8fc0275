import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { NoCardNumber, PlainText } from '../../http/validation/text.rules.js';
import { OPEN_INVOICES, type OpenInvoices } from '../../providers/billing.ports.js';

const MAX_REASON = 500;

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
