import type { PageLanguage } from '../../page.layout.js';

/** Every word of the pages that save a card or put the bank's question. */
export interface SetupTexts {
  pageTitle: string;
  title: string;
  hint: string;
  email: string;
  name: string;
  number: string;
  expiry: string;
  expiryFormat: string;
  cvc: string;
  save: string;
  leave: string;
  testNumbers: string;
  tests: { saves: string; declines: string; declinesLater: string; asks: string };
  problems: { number: string; declined: string; funds: string; expired: string; refused: string };
  question: {
    title: string;
    text: string;
    payment: (amount: string) => string;
    approve: string;
    refuse: string;
  };
  saved: { title: string; text: string };
  expired: { title: string; text: string };
  back: string;
}

const EN: SetupTexts = {
  pageTitle: 'Save a card (sandbox)',
  title: 'Save your card',
  hint: 'Nothing is charged now.',
  email: 'Email',
  name: 'Name on the card',
  number: 'Card number',
  expiry: 'Expires',
  expiryFormat: 'MM / YY',
  cvc: 'CVC',
  save: 'Save card',
  leave: 'Leave without saving',
  testNumbers: 'Test numbers',
  tests: {
    saves: 'is saved',
    declines: 'is declined',
    declinesLater: 'is saved and declined when it is charged',
    asks: 'asks for confirmation by the bank',
  },
  problems: {
    number: 'Your card number is invalid.',
    declined: 'Your card was declined. Try another card.',
    funds: 'Your card has insufficient funds. Try another card.',
    expired: 'Your card has expired. Try another card.',
    refused: 'The bank could not confirm that it is you. Try another card.',
  },
  question: {
    title: 'Your bank asks: is this you?',
    text: 'Somebody wants to save this card. This page stands in for 3-D Secure.',
    payment: (amount) =>
      `A payment of ${amount} was made with your card. This page stands in for 3-D Secure.`,
    approve: 'Yes, confirm',
    refuse: 'No, refuse it',
  },
  saved: { title: 'Card saved', text: 'There is nothing left to do here.' },
  expired: { title: 'This page has expired', text: 'Go back to the shop to start again.' },
  back: 'Back to the shop',
};

const ES: SetupTexts = {
  pageTitle: 'Guardar una tarjeta (sandbox)',
  title: 'Guarda tu tarjeta',
  hint: 'No se cobra nada ahora.',
  email: 'Correo electrónico',
  name: 'Nombre en la tarjeta',
  number: 'Número de tarjeta',
  expiry: 'Vencimiento',
  expiryFormat: 'MM / AA',
  cvc: 'CVC',
  save: 'Guardar tarjeta',
  leave: 'Salir sin guardar',
  testNumbers: 'Números de prueba',
  tests: {
    saves: 'se guarda',
    declines: 'es rechazada',
    declinesLater: 'se guarda y es rechazada al cobrar',
    asks: 'pide confirmación del banco',
  },
  problems: {
    number: 'El número de tarjeta no es válido.',
    declined: 'Tu tarjeta fue rechazada. Prueba con otra tarjeta.',
    funds: 'Tu tarjeta no tiene fondos suficientes. Prueba con otra tarjeta.',
    expired: 'Tu tarjeta está vencida. Prueba con otra tarjeta.',
    refused: 'El banco no pudo confirmar que eres tú. Prueba con otra tarjeta.',
  },
  question: {
    title: 'Tu banco pregunta: ¿eres tú?',
    text: 'Se quiere guardar esta tarjeta. Esta página hace las veces de 3-D Secure.',
    payment: (amount) =>
      `Se hizo un pago de ${amount} con tu tarjeta. Esta página hace las veces de 3-D Secure.`,
    approve: 'Sí, confirmar',
    refuse: 'No, rechazar',
  },
  saved: { title: 'Tarjeta guardada', text: 'No tienes que hacer nada más aquí.' },
  expired: { title: 'Esta página ha vencido', text: 'Vuelve a la tienda para empezar de nuevo.' },
  back: 'Volver a la tienda',
};

export function setupTexts(language: PageLanguage): SetupTexts {
  return language === 'es' ? ES : EN;
}

/** The session's `locale`; with `auto`, or none, what the browser's Accept-Language names first of the two. */
export function languageOf(locale: string | null, accepted = ''): PageLanguage {
  const wanted = locale === null || locale === 'auto' ? accepted.split(',') : [locale];
  const tags = wanted.map((tag) => tag.trim().toLowerCase().split(/[-;]/)[0]);
  return tags.find((tag) => tag === 'es' || tag === 'en') === 'es' ? 'es' : 'en';
}

/** The decline in the buyer's words; the API's own message is always English. */
export function problemOf(texts: SetupTexts, declineCode: string | undefined): string {
  if (declineCode === undefined) return texts.problems.refused;
  if (declineCode === 'insufficient_funds') return texts.problems.funds;
  return declineCode === 'expired_card' ? texts.problems.expired : texts.problems.declined;
}
