import { jsonOf, textOf } from '../../json.read.js';

/** By Stripe's decline code, else its error code. */
const SPANISH: Readonly<Record<string, string>> = {
  authentication_required:
    'Tu banco pide que confirmes la compra. Inténtalo de nuevo desde la página de pago.',
  card_not_supported: 'La tarjeta no admite este tipo de compra.',
  card_velocity_exceeded: 'La tarjeta superó su límite.',
  currency_not_supported: 'La tarjeta no admite esta moneda.',
  do_not_honor: 'Tu banco rechazó la tarjeta. Comunícate con tu banco.',
  expired_card: 'La tarjeta está vencida.',
  incorrect_cvc: 'El código de seguridad de la tarjeta es incorrecto.',
  incorrect_number: 'El número de la tarjeta es incorrecto.',
  insufficient_funds: 'La tarjeta no tiene fondos suficientes.',
  invalid_account: 'La tarjeta o su cuenta no son válidas.',
  invalid_expiry_month: 'El mes de vencimiento no es válido.',
  invalid_expiry_year: 'El año de vencimiento no es válido.',
  issuer_not_available: 'Tu banco no responde. Inténtalo más tarde.',
  processing_error: 'Hubo un error al procesar la tarjeta. Inténtalo más tarde.',
  withdrawal_count_limit_exceeded: 'La tarjeta superó su límite.',
};

const SPANISH_OTHERWISE = 'La tarjeta fue rechazada. Prueba con otra.';

/**
 * What a declined buyer is told. Stripe words it in English; the Spanish texts are ours.
 * @param error a payment intent's `last_payment_error`.
 */
export function declineText(error: unknown, language: unknown): string | undefined {
  const { decline_code: declineCode, code, message } = jsonOf(error);
  if (language !== 'es') return textOf(message);
  return SPANISH[textOf(declineCode) ?? ''] ?? SPANISH[textOf(code) ?? ''] ?? SPANISH_OTHERWISE;
}

/** The language of our texts for a locale such as `es-MX`; undefined: Stripe's own words will do. */
export function textLanguage(locale: string | undefined): 'es' | undefined {
  return locale?.toLowerCase().startsWith('es') === true ? 'es' : undefined;
}
