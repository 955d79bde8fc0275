import { ServiceError } from '../../../kernel/errors.js';
import type { SessionInput, ThreeDsMode } from '../../provider.port.js';
import {
  customerInfo,
  type CustomerInfo,
  type OrderShippingContact,
  shippingContactOf,
} from './conekta.session.customer.js';
import { assertCurrency, assertMetadata, conektaLanguage, expiresAt } from './conekta.session.limits.js';
import { MAX_NAME, orderLines, type OrderLines } from './conekta.session.lines.js';
import { checkoutMethods, type CheckoutMethods } from './conekta.session.methods.js';

export type OrderParams = OrderLines & {
  currency: string;
  customer_info: CustomerInfo;
  shipping_contact?: OrderShippingContact;
  metadata: Record<string, string>;
  checkout: CheckoutMethods & {
    type: 'Integration' | 'HostedPayment';
    name: string;
    success_url?: string;
    failure_url?: string;
    expires_at?: number;
  };
  pre_authorize?: boolean;
  three_ds_mode?: ThreeDsMode;
};

/** The body of POST /orders, and what else is needed to send it and to answer. */
export type SessionPlan = {
  order: OrderParams;
  /** Our own page, for a checkout that Conekta has no page for. */
  payUrl?: string;
  /** Of what Conekta has to say to the buyer; absent: Spanish. */
  language?: 'es' | 'en';
};

/**
 * The exact order with its checkout. Pure.
 * @param embeds whether we have what Conekta's component wants in the browser.
 * @param installationId ours, for the metadata.
 * @throws ServiceError naming the field for what Conekta cannot do, or does not do without.
 */
export function planSession(input: SessionInput, embeds: boolean, installationId?: string): SessionPlan {
  assertCurrency(input.money);
  assertMetadata(input.metadata);
  if (input.ui === 'embedded' && !embeds) throw cannotEmbed();
  const language = input.locale === undefined ? undefined : conektaLanguage(input.locale);
  const shipping = shippingContactOf(input);
  const order: OrderParams = {
    currency: input.money.currency,
    customer_info: customerInfo(input),
    ...(shipping && { shipping_contact: shipping }),
    ...orderLines(input),
    checkout: {
      ...page(input),
      name: checkoutName(input),
      ...checkoutMethods(input),
      ...(input.expiresIn !== undefined && { expires_at: expiresAt(input.expiresIn, input.now) }),
    },
    metadata: {
      ...input.metadata,
      orderId: input.orderId,
      paymentId: input.paymentId,
      ...(installationId !== undefined && { installationId }),
    },
    ...(input.capture === 'manual' && { pre_authorize: true }),
    ...(input.threeDs !== undefined && { three_ds_mode: input.threeDs }),
  };
  return {
    order,
    ...(input.ui === 'embedded' && { payUrl: input.payUrl }),
    ...(language !== undefined && { language }),
  };
}

/** Only the hosted page sends the customer on; the component leaves that to the page around it. */
function page(input: SessionInput): Pick<OrderParams['checkout'], 'type' | 'success_url' | 'failure_url'> {
  if (input.ui === 'embedded') return { type: 'Integration' };
  return { type: 'HostedPayment', success_url: input.successUrl, failure_url: input.cancelUrl };
}

/** What the customer pays for: the first line stands for the rest, as long as there is room. */
function checkoutName({ items, orderId }: SessionInput): string {
  const [first] = items;
  const name =
    first === undefined || items.length === 1 ? first?.name : `${first.name} + ${items.length - 1}`;
  return name === undefined || name.length > MAX_NAME ? orderId : name;
}

function cannotEmbed(): ServiceError {
  const rule = 'must be hosted: CONEKTA_PUBLIC_KEY is not set';
  return new ServiceError('capability_not_supported', `ui ${rule}`, [{ field: 'ui', rule }]);
}
