import { providerAddress } from '../../kernel/web.address.js';
import type { PaymentMethod } from '../../providers/facts.js';
import { footOf, orderFacts, type PaymentPage } from './payment.page.js';
import { type Page, pageScript, TIMES } from '../page/page.renderer.js';
import { type Reader, TEXTS } from '../page/reader.js';
import { amountWithCode, dateText, inFours } from '../texts/wording.js';
import type { Texts } from '../texts/texts.en.js';

const VOUCHER_SCRIPT = TIMES + pageScript(new URL('./voucher.browser.js', import.meta.url));

/** What the customer shows at a shop, or types into a bank's app; made to be printed, too. */
export function voucherPage(payment: PaymentPage, method: PaymentMethod, reader: Reader): Page {
  const texts = TEXTS[reader.language];
  const { amount, currency, expiresAt } = payment;
  const barcode = providerAddress(method.barcodeUrl);
  return {
    template: 'voucher',
    language: reader.language,
    title: method.clabe === undefined ? texts.voucher.cashTitle : texts.voucher.transferTitle,
    // It asks its own address for news, and shows one picture.
    loads: {
      scripts: [VOUCHER_SCRIPT],
      sources: { connect: ["'self'"], img: barcode === undefined ? [] : [new URL(barcode).origin] },
    },
    content: {
      texts: texts.voucher,
      headline: amountWithCode({ amount, currency }, reader.locale),
      expiry: expiresAt && { datetime: expiresAt.toISOString(), value: dateText(expiresAt, reader.locale) },
      barcode,
      numbers: numbersOf(method, texts),
      facts: [
        ...(method.bank === undefined ? [] : [{ label: texts.bank, value: method.bank }]),
        ...orderFacts(payment, texts),
        { label: texts.receipt.payment, value: payment.paymentId },
      ],
      steps: stepsOf(method, texts),
      self: payment.paymentId,
      checkAgain: texts.links.checkAgain,
      ...footOf(payment, texts),
    },
  };
}

/** The numbers that are copied by hand, in groups that the eye can keep. */
export function numbersOf({ clabe, reference }: Partial<PaymentMethod>, texts: Texts) {
  const number = (label: string, value: string | undefined) =>
    value === undefined ? [] : [{ label, groups: inFours(value) }];
  return [...number(texts.clabe, clabe), ...number(texts.reference, reference)];
}

function stepsOf({ clabe, reference }: PaymentMethod, { voucher }: Texts): readonly string[] {
  if (clabe === undefined) return voucher.cash;
  if (reference === undefined) return voucher.transfer;
  const [start = '', ...rest] = voucher.transfer;
  return [start, voucher.transferReference, ...rest];
}
