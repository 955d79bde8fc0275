import type { CustomerEvent, SubscriptionEvent } from './billing.events.js';
import {
  CUSTOMER_EVENT_TYPES,
  DISPUTE_EVENT_TYPES,
  type EventType,
  MONEY_EVENT_TYPES,
  PAYMENT_EVENT_TYPES,
  REFUND_EVENT_TYPES,
  SUBSCRIPTION_EVENT_TYPES,
  type MoneyEventType,
} from './event.types.js';
import type { DisputeEvent, EventOf, MoneyEvent, PaymentEvent, RefundEvent } from './events.js';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

/**
 * True when the value is the data of a `payment.*` event.
 * Fields that are not listed pass: a later version of the service may add some.
 */
export function isPaymentEvent(value: unknown): value is PaymentEvent {
  return isSnapshot(value) && isOneOf(PAYMENT_EVENT_TYPES, value['type']);
}

/** True when the value is the data of a `refund.*` event. */
export function isRefundEvent(value: unknown): value is RefundEvent {
  return isSnapshot(value) && isOneOf(REFUND_EVENT_TYPES, value['type']) && isMoneyBack(value['refund']);
}

/** True when the value is the data of a `dispute.*` event. */
export function isDisputeEvent(value: unknown): value is DisputeEvent {
  return isSnapshot(value) && isOneOf(DISPUTE_EVENT_TYPES, value['type']) && isMoneyBack(value['dispute']);
}

/** True when the value is the data of any event about a payment, its refunds or its disputes. */
export function isMoneyEvent(value: unknown): value is MoneyEvent {
  return isPaymentEvent(value) || isRefundEvent(value) || isDisputeEvent(value);
}

/** True when the value is the data of a `subscription.*` event. */
export function isSubscriptionEvent(value: unknown): value is SubscriptionEvent {
  return (
    fits(SUBSCRIPTION, value) &&
    isOneOf(SUBSCRIPTION_EVENT_TYPES, value['type']) &&
    (value['type'] !== 'subscription.payment_failed' || isInteger(value['attempt']))
  );
}

/** True when the value is the data of a `customer.*` event. */
export function isCustomerEvent(value: unknown): value is CustomerEvent {
  return fits(CUSTOMER, value) && isOneOf(CUSTOMER_EVENT_TYPES, value['type']);
}

/** True when the value is a whole event of exactly this type. */
export function isEventOf<Type extends EventType>(type: Type, value: unknown): value is EventOf<Type> {
  const whole = isMoneyEvent(value) || isSubscriptionEvent(value) || isCustomerEvent(value);
  return whole && value.type === type;
}

/** True when the name is one of the types about a payment, its refunds or its disputes. */
export function isMoneyEventType(name: string): name is MoneyEventType {
  return isOneOf(MONEY_EVENT_TYPES, name);
}

const isText: Check = (value) => typeof value === 'string' && value.length > 0;
const isTextOrNothing: Check = (value) => value === null || value === undefined || typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isInteger: Check = (value) => Number.isSafeInteger(value);
const isCountOrNothing: Check = (value) =>
  value === null || value === undefined || Number.isSafeInteger(value);

const isTime: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));

const EVENT: Readonly<Record<string, Check>> = { eventId: isText, occurredAt: isTime, version: isInteger };

const SUBSCRIPTION: Readonly<Record<string, Check>> = {
  ...EVENT,
  subscriptionId: isText,
  customerId: isText,
  planId: isText,
  provider: isText,
  livemode: isFlag,
  status: isText,
  cancelReason: isTextOrNothing,
  orderId: isTextOrNothing,
  metadata: isObject,
};

const CUSTOMER: Readonly<Record<string, Check>> = {
  ...EVENT,
  customerId: isText,
  deleted: isFlag,
  paymentSources: (value) => Array.isArray(value) && value.every(isObject),
  metadata: isObject,
};

const SNAPSHOT: Readonly<Record<string, Check>> = {
  ...EVENT,
  paymentId: isText,
  orderId: (value) => value === null || isText(value),
  customerId: isTextOrNothing,
  subscriptionId: isTextOrNothing,
  provider: isText,
  livemode: isFlag,
  status: isText,
  amount: isInteger,
  amountCaptured: isInteger,
  amountRefunded: isInteger,
  currency: (value) => typeof value === 'string' && /^[A-Z]{3}$/.test(value),
  providerIds: (value) =>
    isObject(value) && ['session', 'payment', 'charge'].every((key) => isTextOrNothing(value[key])),
  paymentMethod: (value) => value === null || value === undefined || isPaymentMethod(value),
  receiptUrl: isTextOrNothing,
  metadata: isObject,
  adopted: isFlag,
};

function isSnapshot(value: unknown): value is Fields {
  return fits(SNAPSHOT, value);
}

function fits(shape: Readonly<Record<string, Check>>, value: unknown): value is Fields {
  return isObject(value) && Object.entries(shape).every(([key, check]) => check(value[key]));
}

function isPaymentMethod(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['type']) &&
    ['brand', 'last4', 'reference', 'clabe'].every((key) => isTextOrNothing(value[key])) &&
    isCountOrNothing(value['installments'])
  );
}

function isMoneyBack(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['id']) &&
    isInteger(value['amount']) &&
    isText(value['status']) &&
    isTextOrNothing(value['reason'])
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOneOf<Name extends string>(names: readonly Name[], value: unknown): value is Name {
  return names.some((name) => name === value);
}
