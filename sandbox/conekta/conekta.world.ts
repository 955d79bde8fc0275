import type { SandboxClock } from '../clock.js';
import type { TestCard } from './card.numbers.js';
import { notFound } from './conekta.errors.js';
import { DEFAULT_PAGES, pageOf, type Pages } from './conekta.lists.js';
import type {
  Charge,
  Checkout,
  Customer,
  List,
  Order,
  PaymentSource,
  Plan,
  Subscription,
  Token,
  Webhook,
} from './conekta.types.js';
import type { EventLog } from './event.log.js';
import type { CheckoutCreateParams } from './params/checkout.params.js';
import type { WebhookKeys } from './webhook.keys.js';

/** A card with what the customer typed beside it. */
export interface HeldCard {
  card: TestCard;
  name: string;
  expMonth: string;
  expYear: string;
}

/** An order with what its object does not show. */
export interface OrderRecord {
  order: Order;
  preAuthorize: boolean;
  threeDsMode: 'strict' | 'not_strict' | 'smart' | null;
  returnUrl: string | null;
  /** Refused attempts, for `max_failed_retries`. */
  failures: number;
  /** The next card that pays is held back. */
  reviewNext: boolean;
  /** The card whose bank has asked the customer. */
  challenged: HeldCard | null;
}

/** A checkout of an order, or a payment link whose order is made when somebody pays. */
export interface CheckoutRecord {
  checkout: Checkout;
  orderId: string | null;
  template: CheckoutCreateParams['order_template'] | null;
}

/** `card` is null while the token waits for the component. */
export interface TokenRecord {
  token: Token;
  card: HeldCard | null;
}

/** `card` is null for cash and transfers. */
export interface SourceRecord {
  source: PaymentSource;
  card: HeldCard | null;
}

/** One cycle of a subscription and the order by which it is paid. */
export interface BillingCycle {
  /** Its plan; the subscription may be meant for another one afterwards. */
  plan: Plan;
  record: OrderRecord;
  /** Seconds since the epoch; ends are counted from here, so that a 31st comes back after February. */
  anchor: number;
  /** 1 for the first cycle since the anchor. */
  count: number;
  /** Failed tries, without those that somebody asked for. */
  failures: number;
  /** Cycles of this plan that were paid so far. */
  paid: number;
}

/** A subscription with what its object does not show. */
export interface SubscriptionRecord {
  subscription: Subscription;
  /** By which the next cycle is charged. Kept here, since it may be deleted meanwhile. */
  plan: Plan;
  /** Null before the first charge. */
  cycle: BillingCycle | null;
  /** When it goes on by itself, in seconds since the epoch; null: it does not. */
  dueAt: number | null;
}

export interface WorldOptions {
  livemode: boolean;
  refuseLocalWebhooks: boolean;
}

/** Everything that this Conekta knows. Maps keep the order of creation. */
export class ConektaWorld {
  readonly orders = new Map<string, OrderRecord>();
  readonly checkouts = new Map<string, CheckoutRecord>();
  readonly customers = new Map<string, Customer>();
  readonly sources = new Map<string, SourceRecord>();
  readonly tokens = new Map<string, TokenRecord>();
  readonly plans = new Map<string, Plan>();
  readonly subscriptions = new Map<string, SubscriptionRecord>();
  /** Requests to addresses that Conekta serves for old callers only. */
  deprecatedCalls = 0;
  /** Where this server is reached; known once it listens. */
  baseUrl = '';
  pages: Pages = DEFAULT_PAGES;

  constructor(
    readonly clock: SandboxClock,
    readonly log: EventLog,
    readonly keys: WebhookKeys,
    readonly webhooks: Map<string, Webhook>,
    readonly options: WorldOptions,
  ) {}

  order(id: string): OrderRecord {
    return found(this.orders, 'order', id);
  }

  checkout(id: string): CheckoutRecord {
    return found(this.checkouts, 'checkout', id);
  }

  customer(id: string): Customer {
    return found(this.customers, 'customer', id);
  }

  plan(id: string): Plan {
    return found(this.plans, 'plan', id);
  }

  subscription(id: string): SubscriptionRecord {
    return found(this.subscriptions, 'subscription', id);
  }

  /** Newest first. Throws 404 for a customer that does not exist. */
  subscriptionsOf(customerId: string): SubscriptionRecord[] {
    const { id } = this.customer(customerId);
    return [...this.subscriptions.values()]
      .filter(({ subscription }) => subscription.customer_id === id)
      .reverse();
  }

  webhook(id: string): Webhook {
    return found(this.webhooks, 'webhook', id);
  }

  /** One page of a collection. @param path of the collection */
  page<T extends { id: string }>(items: T[], query: URLSearchParams, path: string): List<T> {
    return pageOf(items, query, `${this.baseUrl}${path}`, this.pages);
  }

  /** Newest first. */
  get charges(): Charge[] {
    const records = [...this.orders.values()].reverse();
    return records.flatMap(({ order }) => order.charges?.data ?? []);
  }
}

function found<T>(map: Map<string, T>, kind: string, id: string): T {
  const one = map.get(id);
  if (one === undefined) throw notFound(kind, id);
  return one;
}
