/**
 * The reads that confirm an event or tell a payment. Answers are unknown values: what they hold is read by the
 * noun's own file.
 */
export interface ConektaReads {
  /**
   * GET /orders/{id}: the order with all its charges, their refunds and chargebacks, and its checkout.
   * @throws ProviderError, `not_found` for an order that Conekta does not know.
   */
  order(id: string): Promise<unknown>;
}
