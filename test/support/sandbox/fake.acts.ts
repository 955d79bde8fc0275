import type {
  CardEntry,
  CardOutcome,
  CheckoutActs,
  CheckoutView,
  VoucherView,
} from '../../../sandbox/conekta/checkout.acts.js';
import { invalid, notFound, refused, unprocessed } from '../../../sandbox/conekta/conekta.errors.js';

const DECLINED = { es: 'El banco dijo que no.', en: 'The bank said no.' };

/** One checkout in memory, with the test numbers that the pages name. */
export class FakeActs implements CheckoutActs {
  readonly entries: CardEntry[] = [];
  /** Declines until the checkout fails. */
  attemptsLeft = 3;
  private isAsking = false;

  constructor(readonly checkout: CheckoutView) {}

  view(checkoutId: string): CheckoutView {
    if (checkoutId !== this.checkout.id) throw notFound('checkout', checkoutId);
    return this.checkout;
  }

  payByCard(checkoutId: string, card: CardEntry, language: 'es' | 'en'): CardOutcome {
    this.open(checkoutId);
    this.entries.push(card);
    if (card.number.endsWith('0002')) {
      this.attemptsLeft -= 1;
      if (this.attemptsLeft === 0) this.checkout.status = 'Failed';
      return { kind: 'declined', code: 'card_declined', message: DECLINED[language] };
    }
    if (card.number.endsWith('3155')) {
      this.isAsking = true;
      return { kind: 'challenge' };
    }
    if (!card.number.endsWith('4242')) throw wrongNumber();
    return this.paid();
  }

  answerChallenge(checkoutId: string, approve: boolean, language: 'es' | 'en'): CardOutcome {
    this.open(checkoutId);
    if (!this.isAsking) throw refused('nothing_asked', { es: 'Nadie preguntó.', en: 'Nobody asked.' });
    this.isAsking = false;
    return approve ? this.paid() : { kind: 'declined', code: 'not_confirmed', message: DECLINED[language] };
  }

  issueCash(checkoutId: string): VoucherView {
    const barcodeUrl = 'http://pictures.example/98765432101234.svg';
    return this.issue(checkoutId, {
      kind: 'cash',
      reference: '98765432101234',
      barcodeUrl,
      expiresAt: 1_900_000_000,
    });
  }

  issueTransfer(checkoutId: string): VoucherView {
    const clabe = '646180111812345678';
    return this.issue(checkoutId, { kind: 'bank_transfer', clabe, bank: 'STP', expiresAt: 1_900_000_000 });
  }

  requireOpenToken(tokenCheckoutId: string): void {
    if (tokenCheckoutId !== 'used') return;
    throw refused('checkout.used', { es: 'Este formulario ya se usó.', en: 'This form was used.' });
  }

  createToken(card: CardEntry, tokenCheckoutId = 'tok_1'): { id: string } {
    this.requireOpenToken(tokenCheckoutId);
    this.entries.push(card);
    if (card.number.endsWith('0002')) throw unprocessed('card_declined', DECLINED);
    return { id: tokenCheckoutId };
  }

  private paid(): CardOutcome {
    this.checkout.status = 'Paid';
    return { kind: 'paid', chargeId: 'charge_1' };
  }

  private issue(checkoutId: string, voucher: VoucherView): VoucherView {
    this.open(checkoutId).voucher = voucher;
    return voucher;
  }

  private open(checkoutId: string): CheckoutView {
    const view = this.view(checkoutId);
    if (view.status === 'Issued') return view;
    throw refused('checkout_closed', { es: 'Ya no se puede pagar.', en: 'It can no longer be paid.' });
  }
}

function wrongNumber(): Error {
  return invalid('card.number', 'invalid_number', {
    es: 'Ese número no existe.',
    en: 'There is no such number.',
  });
}

/** MXN 398 for two keyboards, by card in three months, in cash or by transfer. */
export function checkoutView(changes: Partial<CheckoutView> = {}): CheckoutView {
  return {
    id: 'a1b2-c3',
    orderId: 'ord_1',
    type: 'HostedPayment',
    status: 'Issued',
    amount: 39_800,
    currency: 'MXN',
    methods: ['card', 'cash', 'bank_transfer'],
    installments: [3, 6],
    items: [{ name: 'Teclado', unitPrice: 19_900, quantity: 2 }],
    customerName: 'Ana López',
    successUrl: 'https://shop.example/ok?cart=7',
    failureUrl: 'https://shop.example/no',
    voucher: null,
    ...changes,
  };
}
