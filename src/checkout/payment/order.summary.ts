import { isPaid } from '../../payments/payment/payment.js';
import type { PaymentPage } from './payment.page.js';
import type { Reader } from '../page/reader.js';
import { amountText, amountWithCode } from '../texts/wording.js';
import type { Texts } from '../texts/texts.en.js';

interface Sum {
  label: string;
  value: string;
  isTotal?: boolean;
}

export function orderSummary(payment: PaymentPage, reader: Reader, { receipt }: Texts) {
  const { items, currency } = payment;
  const { locale } = reader;
  return {
    labels: receipt,
    items: items.map(({ name, unitAmount, quantity }) => ({
      name,
      quantity: new Intl.NumberFormat(locale).format(quantity),
      unitPrice: amountText({ amount: unitAmount, currency }, locale),
      total: amountText({ amount: unitAmount * BigInt(quantity), currency }, locale),
    })),
    sums: sumsOf(payment, reader, receipt),
  };
}

/** What leads to the total; the total; what was taken, where that is less; what was given back. */
function sumsOf(payment: PaymentPage, { locale }: Reader, labels: Texts['receipt']): Sum[] {
  const { amount, amountCaptured, amountRefunded, currency, received } = payment;
  const written = (minor: bigint) => amountWithCode({ amount: minor, currency }, locale);
  const sums: Sum[] = [
    ...partsOf(payment, labels).map((part) => ({ label: part.label, value: written(part.amount) })),
    { label: labels.total, value: written(amount), isTotal: true },
  ];
  if (isPaid(payment.status) && amountCaptured !== amount) {
    sums.push({ label: labels.paid, value: written(amountCaptured) });
  }
  if (received !== undefined) sums.push({ label: labels.received, value: amountWithCode(received, locale) });
  if (amountRefunded > 0n) sums.push({ label: labels.refunded, value: written(amountRefunded) });
  return sums;
}

function partsOf({ items, adjustments }: PaymentPage, { subtotal }: Texts['receipt']) {
  if (adjustments.length === 0) return [];
  const lines = items.reduce((sum, { unitAmount, quantity }) => sum + unitAmount * BigInt(quantity), 0n);
  return [
    { label: subtotal, amount: lines },
    ...adjustments.map(({ kind, name, amount }) => ({
      label: name,
      amount: kind === 'discount' ? -amount : amount,
    })),
  ];
}
