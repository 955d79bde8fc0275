import { Injectable } from '@nestjs/common';
import { CustomerDirectory } from '../../customers/customer/customer.directory.js';
import type { CustomerRow, PaymentSourceRow } from '../../customers/customer/customer.tables.js';
import type { Caller } from '../../http/access/caller.js';
import { ReturnUrls } from '../../http/return.urls.js';
import { parseCurrency, type ExcessDecimals, fromMinorUnits, totalOf } from '../../kernel/money.js';
import { invalidField, ServiceError } from '../../kernel/errors.js';
import { markedBy, orderIdText } from '../../kernel/order.id.js';
import { withSessionId } from '../../kernel/web.address.js';
import type { ChargeInput, SessionItem } from '../../providers/payment.ports.js';
import { unsupported } from '../../providers/provider.errors.js';
import { can, type PaymentProvider, type With } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import type { NewAttempt } from '../session/live.attempt.js';
import { shippingContactOf, toItems } from '../session/session.reader.js';
import type { ChargeDto } from './charge.dto.js';

interface Payer extends Pick<ChargeInput, 'card' | 'providerCustomerId' | 'customer'> {
  provider: With<'charges'>;
  /** Ours. */
  customerId?: string | undefined;
}

/** What a caller asks for, validated and in minor units. */
export interface ChargeCommand extends Payer, Omit<ChargeInput, 'paymentId' | 'returnUrl'> {
  /** Undefined: our own page. */
  returnUrl?: string | undefined;
}

/** Turns what a caller sent into a charge in minor units, with its card and provider, and that into the payment to record. */
@Injectable()
export class ChargeReader {
  constructor(
    private readonly urls: ReturnUrls,
    private readonly customers: CustomerDirectory,
    private readonly providers: ProviderRegistry,
  ) {}

  /**
   * @param excess what happens to prices with too many decimals.
   * @throws ServiceError invalid_request naming the field; not_found, card_unusable, capability_not_supported.
   */
  async read(dto: ChargeDto, caller: Caller, excess: ExcessDecimals): Promise<ChargeCommand> {
    const currency = parseCurrency(dto.currency, 'currency');
    const items = linesOf(dto, currency, excess);
    const command = {
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
    return { ...command, ...(await this.payer(dto, currency, caller)) };
  }

  /** Pure: the payment, with the exact call. @throws ServiceError what the provider cannot do, by name. */
  attempt(command: ChargeCommand, paymentId: string): NewAttempt {
    const { provider, customerId, returnUrl: wished, ...asked } = command;
    // A charge has no session.
    const filled = (url: string): string => withSessionId(wished ?? url, paymentId);
    const returnUrl = filled(this.urls.resultPage(paymentId));
    const kept = {
      customerId: customerId ?? null,
      successUrl: filled(this.urls.successFor(provider.name, paymentId)),
      cancelUrl: filled(this.urls.cancelFor(provider.name, paymentId)),
    };
    const request = provider.charges.request({ ...asked, paymentId, returnUrl });
    return { id: paymentId, provider, purchase: command, kept, call: { kind: 'charge', request } };
  }

  /** A customer with a token is made known to the token's provider. @throws ServiceError what `read` throws. */
  private async payer(dto: ChargeDto, currency: string, caller: Caller): Promise<Payer> {
    assertOneSource(dto);
    const { customerId, source, provider: wished } = dto;
    const customer = customerId === undefined ? undefined : await this.customers.get(customerId, caller);
    const { token } = source;
    if (token !== undefined) {
      const name = wished ?? customer?.provider;
      const provider = name === undefined ? this.byRoute(currency) : this.providers.with(name, 'charges');
      const card = { kind: 'token', token } as const;
      if (customer === undefined) return { provider, card, customer: dto.customer };
      return { provider, card, ...(await this.account(customer, provider, caller)) };
    }
    if (customer === undefined) throw invalidField('customerId', 'is required unless the source is a token');
    const { provider: name, providerSourceId } = await this.saved(dto, customer);
    if (wished !== undefined && wished !== name)
      throw invalidField('provider', `must be absent, or the card's own (${name})`);
    const provider = this.providers.with(name, 'charges');
    const card = { kind: 'saved', providerSourceId } as const;
    return { provider, card, ...(await this.account(customer, provider, caller)) };
  }

  private async saved({ source, provider }: ChargeDto, customer: CustomerRow): Promise<PaymentSourceRow> {
    const { paymentSourceId } = source;
    try {
      return paymentSourceId === undefined
        ? await this.customers.defaultCard(customer, provider)
        : await this.customers.card(customer, paymentSourceId);
    } catch (error) {
      throw naming(paymentSourceId === undefined ? 'source.default' : 'source.paymentSourceId', error);
    }
  }

  private async account(
    customer: CustomerRow,
    { name }: PaymentProvider,
    caller: Caller,
  ): Promise<Pick<Payer, 'customerId' | 'providerCustomerId'>> {
    const account = await this.customers.accountAt(customer, name, `api:${caller.name}`);
    return { customerId: customer.id, providerCustomerId: account };
  }

  private byRoute(currency: string): With<'charges'> {
    const able = this.providers.candidates(currency, undefined).find((one) => can(one, 'charges'));
    if (able === undefined) throw unsupported('currency', 'is taken by no provider without a checkout page');
    return able;
  }
}

function assertOneSource({ source, customer, customerId }: ChargeDto): void {
  const given = [source.token, source.paymentSourceId, source.default].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw invalidField('source', 'must hold exactly one of token, paymentSourceId and default');
  if (customer === undefined) return;
  if (customerId !== undefined) throw invalidField('customer', 'must be absent where customerId is given');
  if (source.token === undefined)
    throw invalidField('customer', 'must be absent unless the source is a token');
}

/** The same refusal, naming the field of this body. */
function naming(field: string, error: unknown): unknown {
  if (!(error instanceof ServiceError) || error.code !== 'card_unusable') return error;
  const [fault] = Array.isArray(error.details) ? error.details : [];
  const rule = fault?.rule ?? error.message;
  return new ServiceError(error.code, `${field} ${rule}`, [{ field, rule }], { cause: error });
}

function linesOf(dto: ChargeDto, currency: string, excess: ExcessDecimals): SessionItem[] {
  const { items, amount, description } = dto;
  if (items !== undefined) {
    if (amount !== undefined) throw invalidField('amount', 'must be absent where items are given');
    if (description !== undefined) throw invalidField('description', 'must be absent where items are given');
    return toItems(items, currency, excess);
  }
  if (amount === undefined) throw invalidField('items', 'are required, or amount and description');
  if (description === undefined) throw invalidField('description', 'is required with amount');
  return [{ name: description, unitAmount: fromMinorUnits(amount, 'amount'), quantity: 1 }];
}
