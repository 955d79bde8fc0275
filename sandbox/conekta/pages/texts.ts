import type { CardField } from './card.entry.js';

export interface Notice {
  title: string;
  text: string;
}

/** Every word of the payment pages in one language. */
export interface Texts {
  sandbox: string;
  bannerText: string;
  /** The same in the little room of a frame. */
  bannerShort: string;
  pay: (amount: string) => string;
  toPay: string;
  yourOrder: string;
  quantity: (count: number) => string;
  leave: string;
  card: {
    title: string;
    number: string;
    name: string;
    expiry: string;
    expiryFormat: string;
    cvc: string;
    installments: string;
    atOnce: string;
    months: (count: number) => string;
    save: string;
    saveTitle: string;
    testNumbers: string;
    pays: string;
    declines: string;
    noFunds: string;
    challenges: string;
  };
  problems: Record<CardField, string>;
  otherWays: string;
  ways: string;
  cash: string;
  cashHint: string;
  transfer: string;
  transferHint: string;
  nothingPlayed: Notice;
  challenge: Notice & { approve: string; refuse: string };
  voucher: {
    cashTitle: string;
    cashText: string;
    transferTitle: string;
    transferText: string;
    amount: string;
    reference: string;
    barcode: string;
    clabe: string;
    bank: string;
    expires: string;
    goOn: string;
  };
  paid: Notice;
  saved: Notice;
  formClosed: string;
  cancelled: Notice;
  expired: Notice;
  failed: Notice;
  lost: Notice;
  wrongKey: Notice;
  backToShop: string;
}
