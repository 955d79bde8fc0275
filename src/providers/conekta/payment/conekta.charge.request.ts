import { invalidField } from '../../../kernel/errors.js';
import type { ChargeInput } from '../../direct.charges.js';
import type { ThreeDsMode } from '../../provider.port.js';
import { unsupported } from '../../provider.errors.js';
import { assertCurrency, assertMetadata, conektaLanguage } from '../conekta.limits.js';
import {
  customerInfo,
  type CustomerInfo,
  orderLines,
  type OrderLines,
  type OrderShippingContact,
  shippingContactOf,
} from '../conekta.request.js';
import { INSTALLMENT_MONTHS } from '../session/conekta.session.request.js';

type CardMethod = {
  type: 'card';
  token_id?: string;
  payment_source_id?: string;
  monthly_installments?: number;
};

/** The body of POST /orders, and what else is needed to send it. */
export type ChargePlan = {
  order: OrderLines & {
    currency: string;
    customer_info: CustomerInfo;
    shipping_contact?: OrderShippingContact;
    charges: [{ payment_method: CardMethod }];
    metadata: Record<string, string>;
    return_url?: string;
    pre_authorize?: boolean;
    three_ds_mode?: ThreeDsMode;
  };
  /** Of what Conekta has to say to the buyer; absent: Spanish. */
  language?: 'es' | 'en';
};

/**
 * The exact order with its one charge. Pure. Nothing is asked of a bank for a buyer who is not there.
 * @throws ServiceError naming the field for what Conekta cannot do, or does not do without.
 */
export function chargeRequest(input: ChargeInput, installationId?: string): ChargePlan {
  const { paymentId, orderId, items, threeDs, buyerPresent } = input;
  assertCurrency(input.money);
  assertMetadata(input.metadata);
  const language = input.locale === undefined ? undefined : conektaLanguage(input.locale);
  const shipping = shippingContactOf(input);
  return {
    order: {
      currency: input.money.currency,
      customer_info: payer(input),
      ...(shipping && { shipping_contact: shipping }),
      ...orderLines({ items, taxes: [], shipping: [], discounts: [] }),
      charges: [{ payment_method: cardMethod(input) }],
      metadata: {
        ...input.metadata,
        ...(orderId !== undefined && { orderId }),
        paymentId,
        ...(installationId !== undefined && { installationId }),
      },
      ...(buyerPresent && { return_url: input.returnUrl }),
      ...(input.capture === 'manual' && { pre_authorize: true }),
      ...(buyerPresent && threeDs !== undefined && { three_ds_mode: threeDs }),
    },
    ...(language !== undefined && { language }),
  };
}

/** A saved card is charged for the customer whose it is. */
function payer({ card, customer, providerCustomerId }: ChargeInput): CustomerInfo {
  if (card.kind === 'saved' && providerCustomerId === undefined)
    throw invalidField('customerId', 'is required by Conekta with a saved card');
  return customerInfo({ customer, customerId: providerCustomerId });
}

function cardMethod({ card, installments, money }: ChargeInput): CardMethod {
  if (installments !== undefined && money.currency !== 'MXN')
    throw unsupported('installments', 'are available in MXN only');
  if (installments !== undefined && !INSTALLMENT_MONTHS.has(installments))
    throw unsupported('installments', `of ${installments} months are not available at Conekta`);
  return {
    type: 'card',
    ...(card.kind === 'token' ? { token_id: card.token } : { payment_source_id: card.providerSourceId }),
    ...(installments !== undefined && { monthly_installments: installments }),
  };
}
