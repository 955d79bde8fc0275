import { invalidField } from '../../../kernel/errors.js';
import type { ChargeInput, ThreeDsMode } from '../../payment.ports.js';
import { assertInstallments, given } from '../../request.rules.js';
import { conektaLanguage, INSTALLMENT_MONTHS } from '../conekta.limits.js';
import { customerInfo, type CustomerInfo, type OrderParams, orderParams } from '../conekta.request.js';

type CardMethod = {
  type: 'card';
  token_id?: string;
  payment_source_id?: string;
  monthly_installments?: number;
};

/** The body of POST /orders, and what else is needed to send it. */
export type ConektaChargeRequest = {
  order: OrderParams & {
    charges: [{ payment_method: CardMethod }];
    return_url?: string;
    three_ds_mode?: ThreeDsMode;
  };
  /** Of what Conekta has to say to the buyer; absent: Spanish. */
  language?: 'es' | 'en';
};

/**
 * The exact order with its one charge. Pure. Nothing is asked of a bank for a buyer who is not there.
 * @throws ServiceError naming the field for what Conekta cannot do, or does not do without.
 */
export function chargeRequest(input: ChargeInput, installationId?: string): ConektaChargeRequest {
  const { threeDs, buyerPresent, returnUrl, locale } = input;
  const language = locale === undefined ? undefined : conektaLanguage(locale);
  return {
    order: {
      ...orderParams(input, () => payer(input), installationId),
      charges: [{ payment_method: cardMethod(input) }],
      ...(buyerPresent && { return_url: returnUrl, ...given({ three_ds_mode: threeDs }) }),
    },
    ...given({ language }),
  };
}

/** A saved card is charged for the customer whose it is. */
function payer({ card, customer, providerCustomerId }: ChargeInput): CustomerInfo {
  if (card.kind === 'saved' && providerCustomerId === undefined)
    throw invalidField('customerId', 'is required by Conekta with a saved card');
  return customerInfo({ customer, customerId: providerCustomerId });
}

function cardMethod({ card, installments, money }: ChargeInput): CardMethod {
  if (installments !== undefined)
    assertInstallments({ money, installments: [installments] }, INSTALLMENT_MONTHS, 'Conekta');
  return {
    type: 'card',
    ...(card.kind === 'token' ? { token_id: card.token } : { payment_source_id: card.providerSourceId }),
    ...given({ monthly_installments: installments }),
  };
}
