/** `number` where its owner counts orders: it is kept as text and goes back as the number that it came as. */
type OrderIdType = 'string' | 'number';

/** The text that an order is kept under: `7` and `"7"` are one order, `"07"` is another. */
export function orderIdText(orderId: string | number): string {
  return String(orderId);
}

/** A JSON integer from 0 that no reader rounds. */
export function isOrderNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The id as its owner reads it. A text that no number is written as stays a text. */
export function wireOrderId(orderId: string, type: OrderIdType): string | number {
  if (type === 'string') return orderId;
  const number = Number(orderId);
  return isOrderNumber(number) && String(number) === orderId ? number : orderId;
}

/** The key under which a payment's metadata, here and at the provider, says that its order id is a number. */
export const ORDER_ID_TYPE = 'orderIdType';

/** What `ORDER_ID_TYPE` says; absent means that the id is text. */
export function orderIdTypeOf(metadata: Readonly<Record<string, string>>): OrderIdType {
  return metadata[ORDER_ID_TYPE] === 'number' ? 'number' : 'string';
}

/** The caller's metadata with the mark that keeps how the order's id came. */
export function markedBy(
  orderId: string | number | null | undefined,
  metadata: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return typeof orderId === 'number' ? { ...metadata, [ORDER_ID_TYPE]: 'number' } : { ...metadata };
}
