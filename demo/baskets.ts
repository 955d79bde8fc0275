/** What somebody buys, and how the shop wants it paid. */
export interface Basket {
  readonly items: readonly BasketItem[];
  /** ISO 4217, lower case. */
  readonly currency: string;
  /** Absent: the payments service's own choice, a page of the provider. */
  readonly checkout?: Checkout;
}

export interface BasketItem {
  readonly name: string;
  /** Major units. */
  readonly price: number;
  readonly quantity: number;
}

interface Checkout {
  readonly provider: string;
  readonly ui: 'hosted' | 'embedded';
  /** Absent: whatever the provider offers for the amount. */
  readonly paymentMethods?: readonly string[];
  readonly customer: { readonly name: string; readonly email: string; readonly phone: string };
}

export const ANA = { name: 'Ana Prueba', email: 'ana@example.com', phone: '+525555555555' };

/** Conekta opens no session for somebody without a name, a mail address and a phone. */
const IN_COMPONENT: Checkout = {
  provider: 'conekta',
  ui: 'embedded',
  customer: ANA,
};

export const DESK: Basket = {
  currency: 'usd',
  items: [
    { name: 'Keyboard', price: 39.99, quantity: 1 },
    { name: 'Mouse', price: 19.99, quantity: 2 },
  ],
};

export const LAMP: Basket = { currency: 'usd', items: [{ name: 'Desk lamp', price: 24.5, quantity: 1 }] };

export const CABLES: Basket = { currency: 'usd', items: [{ name: 'Cable', price: 7.25, quantity: 4 }] };

export const HAMMOCK: Basket = {
  currency: 'mxn',
  items: [{ name: 'Hammock', price: 849.5, quantity: 1 }],
  checkout: { ...IN_COMPONENT, paymentMethods: ['card'] },
};

export const COFFEE: Basket = {
  currency: 'mxn',
  items: [{ name: 'Bag of coffee', price: 245, quantity: 2 }],
  checkout: { ...IN_COMPONENT, paymentMethods: ['card', 'cash'] },
};

/** Left for the reader to pay, in any way that there is. */
export const BLANKET: Basket = {
  currency: 'mxn',
  items: [{ name: 'Wool blanket', price: 590, quantity: 1 }],
  checkout: IN_COMPONENT,
};
