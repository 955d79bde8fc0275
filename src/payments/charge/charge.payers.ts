import { Injectable } from '@nestjs/common';
import { CustomerDirectory } from '../../customers/customer/customer.directory.js';
import type { PaymentSourceRow } from '../../customers/card/card.tables.js';
import type { CustomerRow } from '../../customers/customer/customer.tables.js';
import type { Caller } from '../../http/access/caller.js';
import { invalidField, ServiceError } from '../../kernel/errors.js';
import { chargesDirectly } from '../../providers/direct.charges.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { unsupported } from '../../providers/request.rules.js';
import type { ChargeDto } from './charge.dto.js';
import type { ChargingProvider, Payer } from './charge.request.js';

/** Finds the card that is to be charged, its customer, and the provider that both are at. */
@Injectable()
export class ChargePayers {
  constructor(
    private readonly customers: CustomerDirectory,
    private readonly providers: ProviderRegistry,
  ) {}

  /**
   * A customer with a token is made known to the token's provider, where it is not yet.
   * @throws ServiceError not_found, card_unusable, capability_not_supported, invalid_request naming the field.
   */
  async of(dto: ChargeDto, currency: string, caller: Caller): Promise<Payer> {
    assertOneSource(dto);
    const customer =
      dto.customerId === undefined ? undefined : await this.customers.get(dto.customerId, caller);
    const { token } = dto.source;
    if (token !== undefined) return this.withToken(token, dto, currency, customer, caller);
    if (customer === undefined) throw invalidField('customerId', 'is required unless the source is a token');
    return this.withSaved(dto, customer, caller);
  }

  private async withToken(
    token: string,
    { provider: wished, customer: buyer }: ChargeDto,
    currency: string,
    customer: CustomerRow | undefined,
    caller: Caller,
  ): Promise<Payer> {
    const name = wished ?? customer?.provider;
    const provider = name === undefined ? this.byRoute(currency) : chargingAt(this.providers.get(name));
    const card = { kind: 'token', token } as const;
    if (customer === undefined) return { provider, card, customer: buyer };
    return { provider, card, ...(await this.account(customer, provider, caller)) };
  }

  private async withSaved(dto: ChargeDto, customer: CustomerRow, caller: Caller): Promise<Payer> {
    const source = await this.saved(dto, customer);
    if (dto.provider !== undefined && dto.provider !== source.provider)
      throw invalidField('provider', `must be absent, or the card's own (${source.provider})`);
    const provider = chargingAt(this.providers.get(source.provider));
    const card = { kind: 'saved', providerSourceId: source.providerSourceId } as const;
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

  /** The first of the currency's route that can charge without a page. */
  private byRoute(currency: string): ChargingProvider {
    const able = this.providers.candidates(currency, undefined).find(chargesDirectly);
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

function chargingAt(provider: PaymentProvider): ChargingProvider {
  if (chargesDirectly(provider)) return provider;
  throw unsupported('provider', `${provider.name} does not charge without a checkout page`);
}

/** The same refusal, by the name that the field has in this body. */
function naming(field: string, error: unknown): unknown {
  if (!(error instanceof ServiceError) || error.code !== 'card_unusable') return error;
  const [fault] = Array.isArray(error.details) ? error.details : [];
  const rule = fault?.rule ?? error.message;
  return new ServiceError(error.code, `${field} ${rule}`, [{ field, rule }], { cause: error });
}
