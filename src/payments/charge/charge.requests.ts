import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { type ExcessDecimals, fromMinorUnits, parseCurrency, totalOf } from '../../kernel/money.js';
import { invalidField } from '../../kernel/errors.js';
import { markedBy, orderIdText } from '../../kernel/order.id.js';
import type { SessionItem } from '../../providers/provider.port.js';
import { ReturnUrls } from '../session/return.urls.js';
import { shippingContactOf, toItem } from '../session/session.requests.js';
import type { ChargeDto } from './charge.dto.js';
import { ChargePayers } from './charge.payers.js';
import type { ChargeRequest } from './charge.request.js';

/** Turns what a caller sent into a charge in minor units, with its card and its provider. */
@Injectable()
export class ChargeRequests {
  constructor(
    private readonly payers: ChargePayers,
    private readonly urls: ReturnUrls,
  ) {}

  /**
   * @param excess what happens to prices with too many decimals.
   * @throws ServiceError invalid_request naming the field; what the payer or the card is refused for.
   */
  async from(dto: ChargeDto, caller: Caller, excess: ExcessDecimals): Promise<ChargeRequest> {
    const currency = parseCurrency(dto.currency, 'currency');
    const items = linesOf(dto, currency, excess);
    const request = {
      orderId: dto.orderId === undefined ? undefined : orderIdText(dto.orderId),
      money: { amount: totalOf(items, 'items'), currency },
      items,
      shippingContact: shippingContactOf(dto.shippingContact),
      capture: dto.capture ?? ('automatic' as const),
      installments: dto.installments,
      threeDs: dto.threeDs,
      buyerPresent: dto.buyerPresent ?? true,
      returnUrl: this.urls.check(dto.returnUrl, 'returnUrl'),
      metadata: markedBy(dto.orderId, dto.metadata),
      locale: dto.locale,
    };
    // Last: it may ask the provider for the customer's account there.
    return { ...request, ...(await this.payers.of(dto, currency, caller)) };
  }
}

function linesOf(dto: ChargeDto, currency: string, excess: ExcessDecimals): SessionItem[] {
  const { items, amount, description } = dto;
  if (items !== undefined) {
    if (amount !== undefined) throw invalidField('amount', 'must be absent where items are given');
    if (description !== undefined) throw invalidField('description', 'must be absent where items are given');
    return items.map((item, index) => toItem(item, currency, excess, `items[${index}]`));
  }
  if (amount === undefined) throw invalidField('items', 'are required, or amount and description');
  if (description === undefined) throw invalidField('description', 'is required with amount');
  return [{ name: description, unitAmount: fromMinorUnits(amount, 'amount'), quantity: 1 }];
}
