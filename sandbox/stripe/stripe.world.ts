import type { SandboxClock } from '../clock.js';
import { BillingBook } from './billing.book.js';
import type { EndpointBook } from './endpoint.book.js';
import type { EventLog } from './event.log.js';
import { missing } from './stripe.errors.js';
import { found } from './stripe.lists.js';
import type {
  ApiObject,
  BalanceTransaction,
  CardRecord,
  Charge,
  Coupon,
  Customer,
  Dispute,
  IntentRecord,
  PaymentMethod,
  Refund,
  SessionRecord,
  SetupRecord,
  WebhookEndpoint,
} from './stripe.types.js';

/** Everything that this Stripe knows. Maps keep the order of creation. */
export class StripeWorld {
  readonly sessions = new Map<string, SessionRecord>();
  readonly intents = new Map<string, IntentRecord>();
  readonly setupIntents = new Map<string, SetupRecord>();
  readonly charges = new Map<string, Charge>();
  readonly refunds = new Map<string, Refund>();
  readonly customers: Map<string, Customer> = new Map();
  readonly deletedCustomers = new Set<string>();
  readonly coupons: Map<string, Coupon> = new Map();
  readonly disputes = new Map<string, Dispute>();
  readonly paymentMethods = new Map<string, PaymentMethod>();
  /** By payment method. */
  readonly cards = new Map<string, CardRecord>();
  readonly balanceTransactions: Map<string, BalanceTransaction> = new Map();
  readonly billing = new BillingBook();
  /** Where this server is reached; known once it listens. */
  baseUrl = '';
  /** Beginning of receipt URLs when it is not this server. */
  receiptBase: string | null = null;

  constructor(
    readonly clock: SandboxClock,
    readonly log: EventLog,
    readonly endpoints: EndpointBook,
    readonly accountId: string = 'acct_sandbox',
  ) {}

  session(id: string, param = 'session'): SessionRecord {
    return found(this.sessions, 'checkout.session', id, param);
  }

  intent(id: string, param = 'intent'): IntentRecord {
    return found(this.intents, 'payment_intent', id, param);
  }

  setupIntent(id: string, param = 'intent'): SetupRecord {
    return found(this.setupIntents, 'setupintent', id, param);
  }

  paymentMethod(id: string, param = 'id'): PaymentMethod {
    return found(this.paymentMethods, 'PaymentMethod', id, param);
  }

  charge(id: string, param = 'id'): Charge {
    return found(this.charges, 'charge', id, param);
  }

  refund(id: string): Refund {
    return found(this.refunds, 'refund', id, 'id');
  }

  customer(id: string, param = 'id'): Customer {
    return found(this.customers, 'customer', id, param);
  }

  coupon(id: string, param = 'id'): Coupon {
    return found(this.coupons, 'coupon', id, param);
  }

  endpoint(id: string): WebhookEndpoint {
    const record = this.endpoints.find(id);
    if (record === undefined) throw missing('webhook_endpoint', id);
    return record.endpoint;
  }

  dispute(id: string): Dispute {
    return found(this.disputes, 'dispute', id, 'id');
  }

  /** Whatever has this id, for `expand`. */
  find(id: string): ApiObject | undefined {
    return (
      this.intents.get(id)?.intent ??
      this.setupIntents.get(id)?.intent ??
      this.charges.get(id) ??
      this.customers.get(id) ??
      this.paymentMethods.get(id) ??
      this.balanceTransactions.get(id) ??
      this.refunds.get(id) ??
      this.disputes.get(id) ??
      this.coupons.get(id) ??
      this.sessions.get(id)?.session ??
      this.billing.find(id)
    );
  }
}
