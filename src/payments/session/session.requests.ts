import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { parseCurrency } from '../../kernel/currencies.js';
import { invalidField } from '../../kernel/errors.js';
import { type ExcessDecimals, fromMajorUnits, fromMinorUnits, totalOf } from '../../kernel/money.js';
import type { SessionItem } from '../../providers/provider.port.js';
import type { CreateSessionDto, SessionItemDto } from './create-session.dto.js';
import { OrderPrices } from './order.prices.js';
import { ReturnUrls } from './return.urls.js';
import type { SessionRequest } from './session.request.js';

/** Turns what a caller sent into a request in minor units. */
@Injectable()
export class SessionRequests {
  constructor(
    private readonly prices: OrderPrices,
    private readonly urls: ReturnUrls,
  ) {}

  /**
   * @param excess what happens to prices with too many decimals: callers over NATS rely on rounding.
   * @throws ServiceError invalid_request naming the field; order_not_found, orders_unavailable when the orders
   * service has to be asked.
   */
  async from(dto: CreateSessionDto, caller: Caller, excess: ExcessDecimals): Promise<SessionRequest> {
    if (caller.public) refuseOwnTerms(dto);
    const priced = dto.items === undefined ? await this.prices.of(dto.orderId) : pricedBy(dto, excess);
    return {
      orderId: dto.orderId,
      money: { amount: totalOf(priced.items, 'items'), currency: priced.currency },
      items: priced.items,
      provider: dto.provider,
      ui: dto.ui ?? 'hosted',
      successUrl: this.urls.check(dto.successUrl, 'successUrl'),
      cancelUrl: this.urls.check(dto.cancelUrl, 'cancelUrl'),
      customer: dto.customer,
      paymentMethods: dto.paymentMethods,
      capture: dto.capture ?? 'automatic',
      installments: dto.installments ?? [],
      metadata: dto.metadata ?? {},
      locale: dto.locale,
      expiresIn: dto.expiresIn,
    };
  }
}

export interface Priced {
  items: SessionItem[];
  currency: string;
}

/** A browser may name the order, and nothing else: whoever sells decides what it costs and how it is paid. */
function refuseOwnTerms(dto: CreateSessionDto): void {
  const own = Object.entries(dto).find(([name, value]) => name !== 'orderId' && value !== undefined);
  if (own !== undefined)
    throw invalidField(own[0], 'needs an API key: without one, only orderId may be sent');
}

function pricedBy(dto: CreateSessionDto, excess: ExcessDecimals): Priced {
  if (dto.currency === undefined) throw invalidField('currency', 'is required with items');
  const currency = parseCurrency(dto.currency, 'currency');
  return {
    currency,
    items: (dto.items ?? []).map((item, index) => toItem(item, currency, excess, `items[${index}]`)),
  };
}

/** @param path of the line, for errors. */
export function toItem(
  item: SessionItemDto,
  currency: string,
  excess: ExcessDecimals,
  path: string,
): SessionItem {
  const { name, price, unitAmount, quantity } = item;
  if (price !== undefined && unitAmount !== undefined) {
    throw invalidField(`${path}.unitAmount`, 'must be absent where price is given');
  }
  if (unitAmount !== undefined)
    return { name, quantity, unitAmount: fromMinorUnits(unitAmount, `${path}.unitAmount`) };
  if (price === undefined) throw invalidField(`${path}.price`, 'is required, or unitAmount in its place');
  return { name, quantity, unitAmount: fromMajorUnits(price, currency, excess, `${path}.price`) };
}
