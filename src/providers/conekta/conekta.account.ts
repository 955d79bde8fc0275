/** The provider's name in routes, rows and events. */
export const CONEKTA = 'conekta';
