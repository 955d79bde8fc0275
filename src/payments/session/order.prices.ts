import { Injectable } from '@nestjs/common';
import { OrdersSettings } from '../../config/settings.js';
import { fromMajorUnits, parseCurrency } from '../../kernel/money.js';
import { ServiceError } from '../../kernel/errors.js';
import { oneLine } from '../../http/validation/text.rules.js';
import { OrdersLookup } from '../../outbox/orders/orders.lookup.js';
import { type Json, jsonOf } from '../../providers/json.read.js';
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
    const order = jsonOf(found.order);
    const { name: list, lines } = linesOf(order);
    if (lines === undefined)
      throw new ServiceError('order_not_found', 'the orders service knows no such order with items');
    const { currency: named } = order;
    const currency = parseCurrency(typeof named === 'string' ? named : this.settings.currency, 'currency');
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

/** The names under which orders services keep an order's lines. */
const LISTS = ['OrderItem', 'items', 'orderItems'] as const;

function linesOf(order: Json): { name: string; lines: OrderLine[] | undefined } {
  const name = LISTS.find((list) => order[list] !== undefined && order[list] !== null) ?? 'items';
  const lines = order[name];
  const isGood = Array.isArray(lines) && lines.length > 0 && lines.every(isLine);
  return { name, lines: isGood ? lines : undefined };
}

function isLine(line: unknown): line is OrderLine {
  const { name, product, price, quantity } = jsonOf(line);
  return (
    typeof (name ?? product) === 'string' &&
    typeof price === 'number' &&
    Number.isSafeInteger(quantity) &&
    Number(quantity) > 0
  );
}
