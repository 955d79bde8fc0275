/** What an orders service imports: the events that the payments service sends, and how to receive them once. */
export * from './event.types.js';
export * from './billing.events.js';
export * from './events.js';
export {
  isCustomerEvent,
  isDisputeEvent,
  isEventOf,
  isMoneyEvent,
  isMoneyEventType,
  isPaymentEvent,
  isRefundEvent,
  isSubscriptionEvent,
} from './event.guards.js';
export * from './session.js';
export { consumePaymentEvents, type ConsumeOptions, type PaymentEventsConsumer } from './consumer.js';
export type { DeliveryProblem, EventContext } from './delivery.js';
export * from './inbox.js';
export { samplePaymentEvent, sampleSubscriptionEvent } from './sample.events.js';
