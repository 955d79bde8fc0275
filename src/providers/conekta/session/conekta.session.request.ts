import { ServiceError } from '../../../kernel/errors.js';
import type { PaymentMethodName, SessionInput } from '../../payment.ports.js';
import { unsupported } from '../../provider.errors.js';
import {
  assertFitsOnVoucher,
  assertInstallments,
  expiryWithin,
  fitsOnVoucher,
  given,
} from '../../request.rules.js';
import { conektaLanguage, INSTALLMENT_MONTHS, LIFETIME, MAX_NAME } from '../conekta.account.js';
import { customerInfo, orderParams } from '../conekta.request.js';

/**
 * The body of POST /orders, with what else is needed to send it and to answer. Pure.
 * @param embeds whether we have what Conekta's component wants in the browser.
 * @param installationId ours, for the metadata.
 * @throws ServiceError naming the field for what Conekta cannot do, or does not do without.
 */
export function sessionRequest(input: SessionInput, embeds: boolean, installationId?: string) {
  const { ui, payUrl, locale, expiresIn, now, threeDs } = input;
  if (ui === 'embedded' && !embeds) {
    const rule = 'must be hosted: CONEKTA_PUBLIC_KEY is not set';
    throw new ServiceError('capability_not_supported', `ui ${rule}`, [{ field: 'ui', rule }]);
  }
  const language = locale === undefined ? undefined : conektaLanguage(locale);
  return {
    order: {
      ...orderParams(input, () => customerInfo(input), installationId),
      checkout: {
        ...page(input),
        name: checkoutName(input),
        ...checkoutMethods(input),
        ...(expiresIn !== undefined && { expires_at: expiryWithin(LIFETIME, expiresIn, now) }),
      },
      ...given({ three_ds_mode: threeDs }),
    },
    // Our own page, for a checkout that Conekta has no page for.
    ...(ui === 'embedded' && { payUrl }),
    ...given({ language }),
  };
}

/** Only the hosted page sends the customer on; the component leaves that to the page around it. */
function page({ ui, successUrl, cancelUrl }: SessionInput) {
  if (ui === 'embedded') return { type: 'Integration' };
  return { type: 'HostedPayment', success_url: successUrl, failure_url: cancelUrl };
}

/** What the customer pays for: the first line stands for the rest, as long as there is room. */
function checkoutName({ items, orderId }: SessionInput): string {
  const [first] = items;
  const name =
    first === undefined || items.length === 1 ? first?.name : `${first.name} + ${items.length - 1}`;
  return name === undefined || name.length > MAX_NAME ? orderId : name;
}

/** Cards, in whatever they are kept: they work in both currencies. */
const CARDS = new Set<PaymentMethodName>(['card', 'apple', 'google']);

/**
 * Which methods the checkout offers, and how.
 * @throws ServiceError capability_not_supported or amount_out_of_bounds naming the field.
 */
function checkoutMethods(input: SessionInput) {
  const { onDemand, installments } = input;
  const methods = [...new Set(input.paymentMethods ?? defaultMethods(input))];
  for (const method of methods) assertPossible(input, method);
  const byCard = methods.includes('card');
  if (onDemand && !byCard) throw unsupported('onDemand', 'needs card among paymentMethods');
  if (installments.length > 0) {
    assertInstallments(input, INSTALLMENT_MONTHS, 'Conekta');
    if (!byCard) throw unsupported('installments', 'need card among paymentMethods');
  }
  return {
    allowed_payment_methods: methods,
    ...(installments.length > 0 && {
      monthly_installments_enabled: true,
      monthly_installments_options: [...new Set(installments)].sort((a, b) => a - b),
    }),
    ...(onDemand && { on_demand_enabled: true }),
  };
}

/** What every Mexican customer can use, as far as the amount and the kind of capture allow. */
function defaultMethods({ money, capture }: SessionInput): PaymentMethodName[] {
  if (money.currency !== 'MXN' || capture === 'manual') return ['card'];
  return fitsOnVoucher(money.amount) ? ['card', 'cash', 'bank_transfer'] : ['card', 'bank_transfer'];
}

function assertPossible({ money, capture }: SessionInput, method: PaymentMethodName): void {
  if (capture === 'manual' && method !== 'card')
    throw unsupported('capture', `must be automatic with ${method}`);
  if (money.currency !== 'MXN' && !CARDS.has(method))
    throw unsupported('paymentMethods', `${method} is available in MXN only`);
  if (method === 'cash') assertFitsOnVoucher(money.amount);
}
