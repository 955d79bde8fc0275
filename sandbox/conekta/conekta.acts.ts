import type { CardEntry, CardOutcome, CheckoutActs, CheckoutView, VoucherView } from './checkout.acts.js';
import { invalid, refused, type Language } from './conekta.errors.js';
import type { Charge, Checkout } from './conekta.types.js';
import type { CheckoutRecord, ConektaWorld, OrderRecord } from './conekta.world.js';
import { answerChallenge, chargeCard } from './moves/card.payment.js';
import { playDue } from './moves/due.moves.js';
import { orderBehind, orderFrom } from './moves/order.create.js';
import { requirePayable, waitingCharges } from './moves/status.moves.js';
import { fillToken, heldCard, newToken, openToken } from './moves/token.moves.js';
import { startWaiting } from './moves/waiting.payment.js';
import { cashMethod, transferMethod } from './objects/waiting.methods.js';

/** The customer's side of this Conekta: what the component and the hosted page can do. */
export function newCheckoutActs(world: ConektaWorld): CheckoutActs {
  const checkoutOf = (id: string): CheckoutRecord => {
    playDue(world);
    return world.checkout(id);
  };
  return {
    view: (id) => viewOf(world, checkoutOf(id)),
    payByCard: (id, entry, language) => payByCard(world, checkoutOf(id), entry, language),
    answerChallenge: (id, approves, language) =>
      answerChallenge(world, orderBehind(world, checkoutOf(id)), { approves, language }),
    issueCash: (id) =>
      issue(world, checkoutOf(id), 'cash', ({ expires_at }) => cashMethod(world, expires_at)),
    issueTransfer: (id) =>
      issue(world, checkoutOf(id), 'bank_transfer', ({ expires_at }) => transferMethod(expires_at)),
    requireOpenToken: (checkoutId) => void openToken(world, checkoutId),
    createToken: (entry, checkoutId) => {
      const { id } = checkoutId === undefined ? newToken(world, entry) : fillToken(world, checkoutId, entry);
      return { id };
    },
  };
}

function payByCard(
  world: ConektaWorld,
  found: CheckoutRecord,
  entry: CardEntry,
  language: Language,
): CardOutcome {
  const { checkout } = found;
  requireMethod(checkout, ['card', 'apple', 'google']);
  const held = heldCard(entry);
  requireNetwork(checkout, held.card.brand);
  requireInstallments(checkout, entry.installments);
  const record = payable(world, found);
  return chargeCard(world, record, { held, installments: entry.installments, language, byCheckout: true });
}

function issue(
  world: ConektaWorld,
  found: CheckoutRecord,
  method: string,
  build: (checkout: Checkout) => Charge['payment_method'],
): VoucherView {
  const { checkout } = found;
  requireMethod(checkout, [method]);
  const issued = voucherIn(found.orderId === null ? undefined : world.order(found.orderId));
  if (issued?.kind === method) return issued;
  const record = payable(world, found);
  startWaiting(world, record, { method: build(checkout), byCheckout: true });
  const voucher = voucherIn(record);
  if (!voucher) throw new Error(`no voucher was issued for ${checkout.id}`);
  return voucher;
}

function payable(world: ConektaWorld, found: CheckoutRecord): OrderRecord {
  if (found.checkout.status !== 'Issued') {
    throw refused('checkout.not_issued', {
      es: 'Este pago ya está cerrado.',
      en: 'This checkout is closed.',
    });
  }
  const record = orderBehind(world, found);
  requirePayable(record, true);
  return record;
}

function viewOf(world: ConektaWorld, { checkout, orderId, template }: CheckoutRecord): CheckoutView {
  const record = orderId === null ? undefined : world.order(orderId);
  const order = record?.order ?? (template && orderFrom(world, template));
  if (!order) throw new Error(`the checkout ${checkout.id} has neither order nor template`);
  return {
    id: checkout.id,
    orderId: orderId ?? '',
    type: checkout.type === 'Integration' ? 'Integration' : 'HostedPayment',
    status: checkout.status,
    amount: order.amount,
    currency: order.currency,
    methods: checkout.allowed_payment_methods,
    installments: checkout.monthly_installments_options,
    items: order.line_items.data.map(({ name, unit_price: unitPrice, quantity }) => ({
      name,
      unitPrice,
      quantity,
    })),
    customerName: order.customer_info.name,
    successUrl: checkout.success_url ?? null,
    failureUrl: checkout.failure_url ?? null,
    voucher: voucherIn(record) ?? null,
  };
}

/** What waits for its money now. */
function voucherIn(record: OrderRecord | undefined): VoucherView | undefined {
  const methods = record ? waitingCharges(record.order).map(({ payment_method: method }) => method) : [];
  for (const method of methods) {
    if (method.object === 'cash_payment') {
      const { reference, barcode_url: barcodeUrl, expires_at: expiresAt } = method;
      return { kind: 'cash', reference, barcodeUrl, expiresAt };
    }
    if (method.object === 'bank_transfer_payment') {
      const { clabe, bank, expires_at: expiresAt } = method;
      return { kind: 'bank_transfer', clabe, bank, expiresAt };
    }
  }
  return undefined;
}

function requireMethod(checkout: Checkout, methods: string[]): void {
  if (checkout.allowed_payment_methods.some((one) => methods.includes(one))) return;
  throw refused('checkout.method_not_allowed', {
    es: 'Este pago no ofrece ese método.',
    en: 'This checkout does not offer that method.',
  });
}

function requireNetwork(checkout: Checkout, brand: 'visa' | 'mastercard' | 'amex'): void {
  if (!checkout.exclude_card_networks.includes(brand)) return;
  throw invalid('card.number', 'network_not_allowed', {
    es: 'Aquí no se aceptan tarjetas de esa marca.',
    en: 'Cards of that brand are not taken here.',
  });
}

function requireInstallments(checkout: Checkout, months: number | undefined): void {
  if (months === undefined || checkout.monthly_installments_options.includes(months)) return;
  throw invalid('monthly_installments', 'not_offered', {
    es: 'Este pago no ofrece esos meses.',
    en: 'This checkout does not offer those months.',
  });
}
