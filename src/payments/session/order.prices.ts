import { Injectable } from '@nestjs/common';
import { OrdersSettings } from '../../config/settings.js';
import { fromMajorUnits, parseCurrency } from '../../kernel/money.js';
import { ServiceError } from '../../kernel/errors.js';
import { oneLine } from '../../http/validation/text.rules.js';
import { OrdersLookup } from '../../outbox/orders/orders.lookup.js';
import type { SessionItem } from '../../providers/payment.ports.js';

/** What an order costs, by the orders service: its items count, never its `totalAmount`. */
@Injectable()
export class OrderPrices {
  constructor(
    private readonly lookup: OrdersLookup,
    private readonly settings: OrdersSettings,
  ) {}

  /** @throws ServiceError orders_unavailable, order_not_found. */
  async of(orderId: string | number): Promise<{ items: SessionItem[]; currency: string }> {
    const found = await this.lookup.find(orderId);
    if (!found.answered) throw new ServiceError('orders_unavailable', 'the orders service does not answer');
    const { name: list, lines } = linesOf(found.order);
    if (lines === undefined)
      throw new ServiceError('order_not_found', 'the orders service knows no such order with items');
    const currency = parseCurrency(currencyOf(found.order) ?? this.settings.currency, 'currency');
    return {
      currency,
      items: lines.map(({ name, product, price, quantity }, index) => ({
        name: oneLine(name ?? product ?? ''),
        quantity,
        unitAmount: fromMajorUnits(price, currency, 'round-half-up', `${list}[${index}].price`),
      })),
    };
  }
}

/** One of the two names is there. */
interface OrderLine {
  name?: string;
  product?: string;
  price: number;
  quantity: number;
}

/** Under which orders services keep the lines of an order. */
const LISTS = ['OrderItem', 'items', 'orderItems'] as const;

function linesOf(order: unknown): { name: string; lines: OrderLine[] | undefined } {
  const name = LISTS.find((list) => isRecord(order) && order[list] !== undefined && order[list] !== null);
  const lines = isRecord(order) && name !== undefined ? order[name] : undefined;
  const isGood = Array.isArray(lines) && lines.length > 0 && lines.every(isLine);
  return { name: name ?? 'items', lines: isGood ? lines : undefined };
}

function currencyOf(order: unknown): string | undefined {
  return isRecord(order) && typeof order.currency === 'string' ? order.currency : undefined;
}

function isLine(line: unknown): line is OrderLine {
  if (!isRecord(line)) return false;
  const { name, product, price, quantity } = line;
  return (
    typeof (name ?? product) === 'string' &&
    typeof price === 'number' &&
    Number.isSafeInteger(quantity) &&
    Number(quantity) > 0
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
