import { createHash } from 'node:crypto';
import { ORDER_ID_TYPE } from '../../kernel/order.id.js';
import type { SessionInput } from '../../providers/payment.ports.js';
import type { PaymentRow } from '../payment/payment.tables.js';

type DecidedLater = 'paymentId' | 'successUrl' | 'cancelUrl' | 'payUrl' | 'now';

/** What a caller asks for, validated and in minor units; no provider is chosen yet. */
export interface SessionCommand extends Omit<SessionInput, DecidedLater> {
  /** A provider's name; undefined: by PROVIDER_ROUTES. */
  provider?: string | undefined;
  /** Our customer; `customerId` is who that is at `provider`. */
  ourCustomerId?: string | undefined;
  successUrl?: string | undefined;
  cancelUrl?: string | undefined;
}

/** Fingerprint of a request (SHA-256, hex): fields in a fixed order, so that equal content gives equal text. */
export function contentHash(command: SessionCommand): string {
  const content: unknown[] = [
    command.money.currency,
    command.items.map((item) => [item.name, item.unitAmount.toString(), item.quantity]),
    command.provider,
    command.ui,
    command.successUrl,
    command.cancelUrl,
    [command.customer?.name, command.customer?.email, command.customer?.phone],
    command.paymentMethods,
    command.capture,
    command.installments,
    Object.entries(command.metadata)
      // `7` and `"7"` are one order.
      .filter(([key]) => key !== ORDER_ID_TYPE)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
    command.locale,
    command.expiresIn,
  ];
  const rest = optionsOf(command);
  if (rest.length > 0) content.push(rest);
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** Whether a session sells these lines, in whatever order they come; a charge without a page is no session. */
export function isSamePurchase(
  { contentHash: session, currency, items }: Pick<PaymentRow, 'contentHash' | 'currency' | 'items'>,
  { money, items: asked }: Pick<SessionCommand, 'money' | 'items'>,
): boolean {
  const lines = (list: readonly { name: string; unitAmount: bigint | string; quantity: number }[]): string =>
    JSON.stringify(list.map((item) => `${item.name}/${item.unitAmount}/${item.quantity}`).sort());
  return session !== null && currency === money.currency && lines(items) === lines(asked);
}

/** Options of few requests, left out where absent: the others keep the fingerprint that they had. */
function optionsOf(command: SessionCommand): [string, unknown][] {
  const amounts = (list: SessionCommand['taxes']): unknown =>
    list.length === 0 ? undefined : list.map(({ name, amount }) => [name, amount.toString()]);
  const options: [string, unknown][] = [
    ['taxes', amounts(command.taxes)],
    ['shipping', amounts(command.shipping)],
    ['discounts', amounts(command.discounts)],
    ['customerId', command.customerId],
    ['onDemand', command.onDemand ? true : undefined],
    ['threeDs', command.threeDs],
    ['shippingContact', shippingOf(command)],
  ];
  return options.filter(([, value]) => value !== undefined);
}

function shippingOf({ shippingContact }: SessionCommand): unknown {
  if (shippingContact === undefined) return undefined;
  const { receiver, phone, address } = shippingContact;
  const { street1, street2, postalCode, city, state, country } = address;
  return [receiver, phone, street1, street2, postalCode, city, state, country];
}
