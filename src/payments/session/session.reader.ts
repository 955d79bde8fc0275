import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { CustomerDirectory } from '../../customers/customer/customer.directory.js';
import { ReturnUrls } from '../../http/return.urls.js';
import {
  parseCurrency,
  type ExcessDecimals,
  fromMajorUnits,
  fromMinorUnits,
  totalOf,
} from '../../kernel/money.js';
import { Clock } from '../../kernel/clock.js';
import { invalidField } from '../../kernel/errors.js';
import { markedBy, orderIdText } from '../../kernel/order.id.js';
import type { SessionAdjustment, SessionItem, ShippingContact } from '../../providers/payment.ports.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { firstAble, ProviderRegistry } from '../../providers/provider.registry.js';
import { withSessionId } from '../../kernel/web.address.js';
import type { CreateSessionDto } from './session.dto.js';
import type { SessionAdjustmentDto, SessionItemDto, ShippingContactDto } from './session-parts.dto.js';
import { OrderPrices } from './order.prices.js';
import type { SessionCommand } from './session.command.js';

/** Turns what a caller sent into a command in minor units, and that into the exact request to a provider. */
@Injectable()
export class SessionReader {
  constructor(
    private readonly prices: OrderPrices,
    private readonly urls: ReturnUrls,
    private readonly customers: CustomerDirectory,
    private readonly providers: ProviderRegistry,
    private readonly clock: Clock,
  ) {}

  /**
   * @param excess what happens to prices with too many decimals: callers over NATS rely on rounding.
   * @throws ServiceError invalid_request naming the field; order_not_found, orders_unavailable when the orders
   * service has to be asked; not_found for a customerId that is none of ours.
   */
  async read(dto: CreateSessionDto, caller: Caller, excess: ExcessDecimals): Promise<SessionCommand> {
    if (caller.public) refuseOwnTerms(dto);
    if (dto.customerId !== undefined && dto.customer !== undefined)
      throw invalidField('customer', 'must be absent where customerId is given');
    const priced = dto.items === undefined ? await this.prices.of(dto.orderId) : pricedBy(dto, excess);
    const { currency } = priced;
    const adjustments = {
      taxes: toAdjustments(dto.taxes, currency, excess, 'taxes'),
      shipping: toAdjustments(dto.shipping, currency, excess, 'shipping'),
      discounts: toAdjustments(dto.discounts, currency, excess, 'discounts'),
    };
    const command = {
      orderId: orderIdText(dto.orderId),
      money: { amount: adjusted(totalOf(priced.items, 'items'), adjustments), currency },
      items: priced.items,
      ...adjustments,
      ui: dto.ui ?? ('hosted' as const),
      successUrl: this.urls.check(dto.successUrl, 'successUrl'),
      cancelUrl: this.urls.check(dto.cancelUrl, 'cancelUrl'),
      customer: dto.customer,
      shippingContact: shippingContactOf(dto.shippingContact),
      paymentMethods: dto.paymentMethods,
      capture: dto.capture ?? ('automatic' as const),
      installments: dto.installments ?? [],
      onDemand: dto.onDemand ?? false,
      threeDs: dto.threeDs,
      metadata: markedBy(dto.orderId, dto.metadata),
      locale: dto.locale,
      expiresIn: dto.expiresIn,
    };
    return { ...command, ...(await this.payer(dto, caller)) };
  }

  /**
   * What the first provider that can do it is asked, and where its page sends the customer. Pure.
   * @throws ServiceError when none can: what the first one lacks, by name.
   */
  requestFor(command: SessionCommand, paymentId: string) {
    const candidates = this.providers.candidates(command.money.currency, command.provider);
    return firstAble(candidates, (provider) => this.requestAt(provider, command, paymentId));
  }

  private requestAt(provider: PaymentProvider, command: SessionCommand, paymentId: string) {
    // A provider without session ids in addresses gets the payment's own there.
    const filled = (url: string): string =>
      provider.capabilities.has('session_id_in_urls') ? url : withSessionId(url, paymentId);
    const successUrl = filled(command.successUrl ?? this.urls.successFor(provider.name, paymentId));
    const cancelUrl = filled(command.cancelUrl ?? this.urls.cancelFor(provider.name, paymentId));
    const payUrl = this.urls.payPage(paymentId);
    const { provider: _wished, ourCustomerId: _ours, ...asked } = command;
    const now = this.clock.now();
    const request = provider.sessionRequest({ ...asked, paymentId, successUrl, cancelUrl, payUrl, now });
    return { provider, request, successUrl, cancelUrl };
  }

  /** A customer is made known to the provider first, where it is not yet. */
  private async payer(
    { customerId, provider }: CreateSessionDto,
    caller: Caller,
  ): Promise<Pick<SessionCommand, 'provider' | 'ourCustomerId' | 'customerId'>> {
    if (customerId === undefined) return { provider };
    const customer = await this.customers.get(customerId, caller);
    const at = provider ?? customer.provider;
    const account = await this.customers.accountAt(customer, at, `api:${caller.name}`);
    return { provider: at, ourCustomerId: customer.id, customerId: account };
  }
}

export function shippingContactOf(dto: ShippingContactDto | undefined): ShippingContact | undefined {
  if (dto === undefined) return undefined;
  const { receiver, phone, address } = dto;
  return { receiver, phone, address: { ...address, country: address.country.toUpperCase() } };
}

/** A browser may name the order, and nothing else: whoever sells decides what it costs and how it is paid. */
function refuseOwnTerms(dto: CreateSessionDto): void {
  const own = Object.entries(dto).find(([name, value]) => name !== 'orderId' && value !== undefined);
  if (own !== undefined)
    throw invalidField(own[0], 'needs an API key: without one, only orderId may be sent');
}

function pricedBy(dto: CreateSessionDto, excess: ExcessDecimals): { items: SessionItem[]; currency: string } {
  if (dto.currency === undefined) throw invalidField('currency', 'is required with items');
  const currency = parseCurrency(dto.currency, 'currency');
  return { currency, items: toItems(dto.items ?? [], currency, excess) };
}

export function toItems(
  items: readonly SessionItemDto[],
  currency: string,
  excess: ExcessDecimals,
): SessionItem[] {
  return items.map((item, index) => {
    const { name, quantity } = item;
    return { name, quantity, unitAmount: amountOf(item, currency, excess, `items[${index}]`) };
  });
}

function toAdjustments(
  lines: readonly SessionAdjustmentDto[] | undefined,
  currency: string,
  excess: ExcessDecimals,
  field: string,
): SessionAdjustment[] {
  return (lines ?? []).map((line, index) => ({
    name: line.name,
    amount: amountOf(line, currency, excess, `${field}[${index}]`, 0n),
  }));
}

/** @throws ServiceError invalid_request when nothing is left to pay, or too much for a JSON number. */
function adjusted(
  lines: bigint,
  { taxes, shipping, discounts }: Pick<SessionCommand, 'taxes' | 'shipping' | 'discounts'>,
): bigint {
  const sum = (list: readonly SessionAdjustment[]): bigint =>
    list.reduce((total, { amount }) => total + amount, 0n);
  const total = lines + sum(taxes) + sum(shipping) - sum(discounts);
  if (total <= 0n) throw invalidField('discounts', 'must leave something to pay');
  if (total > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField('items', 'add up to too much');
  return total;
}

function amountOf(
  { price, unitAmount }: SessionAdjustmentDto,
  currency: string,
  excess: ExcessDecimals,
  path: string,
  least: 0n | 1n = 1n,
): bigint {
  if (price !== undefined && unitAmount !== undefined)
    throw invalidField(`${path}.unitAmount`, 'must be absent where price is given');
  if (unitAmount !== undefined) return fromMinorUnits(unitAmount, `${path}.unitAmount`, least);
  if (price === undefined) throw invalidField(`${path}.price`, 'is required, or unitAmount in its place');
  return fromMajorUnits(price, currency, excess, `${path}.price`, least);
}
