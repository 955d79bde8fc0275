import { providerAddress } from '../../kernel/web.address.js';
import { backLink, closingOf, orderFacts, type PaymentPage, type PaymentPageMethod } from './payment.page.js';
import { type Page, type PageLoads, pageScript, TIMES } from '../page/page.renderer.js';
import { type Reader, TEXTS } from '../page/reader.js';
import { amountWithCode, dateText, inFours } from '../texts/wording.js';
import type { Texts } from '../texts/texts.en.js';

const VOUCHER_SCRIPT = TIMES + pageScript(new URL('./voucher.browser.js', import.meta.url));

/** What the customer shows at a shop, or types into a bank's app; made to be printed, too. */
export function voucherPage(payment: PaymentPage, method: PaymentPageMethod, reader: Reader): Page {
  const texts = TEXTS[reader.language];
  const { amount, currency } = payment;
  const barcode = providerAddress(method.barcodeUrl);
  return {
    template: 'voucher',
    language: reader.language,
    title: method.clabe === undefined ? texts.voucher.cashTitle : texts.voucher.transferTitle,
    loads: loadsOf(barcode),
    content: {
      texts: texts.voucher,
      headline: amountWithCode({ amount, currency }, reader.locale),
      expiry: expiryOf(payment, reader),
      barcode,
      numbers: numbersOf(method, texts),
      facts: factsOf(payment, method, texts),
      steps: stepsOf(method, texts),
      self: payment.paymentId,
      checkAgain: texts.links.checkAgain,
      links: backLink(payment, texts),
      closing: closingOf(payment, texts),
      testMode: payment.livemode ? undefined : texts.testMode,
    },
  };
}

/** It asks its own address for news, and shows one picture. */
function loadsOf(barcode: string | undefined): PageLoads {
  const img = barcode === undefined ? [] : [new URL(barcode).origin];
  return { scripts: [VOUCHER_SCRIPT], sources: { connect: ["'self'"], img } };
}

function expiryOf({ expiresAt }: PaymentPage, { locale }: Reader) {
  if (expiresAt === undefined) return undefined;
  return { datetime: expiresAt.toISOString(), value: dateText(expiresAt, locale) };
}

/** The numbers that are copied by hand, in groups that the eye can keep. */
function numbersOf({ clabe, reference }: PaymentPageMethod, texts: Texts) {
  const number = (label: string, value: string | undefined) =>
    value === undefined ? [] : [{ label, groups: inFours(value) }];
  return [...number(texts.clabe, clabe), ...number(texts.reference, reference)];
}

function factsOf(payment: PaymentPage, { bank }: PaymentPageMethod, texts: Texts) {
  return [
    ...(bank === undefined ? [] : [{ label: texts.bank, value: bank }]),
    ...orderFacts(payment, texts),
    { label: texts.receipt.payment, value: payment.paymentId },
  ];
}

function stepsOf({ clabe, reference }: PaymentPageMethod, { voucher }: Texts): readonly string[] {
  if (clabe === undefined) return voucher.cash;
  if (reference === undefined) return voucher.transfer;
  const [start = '', ...rest] = voucher.transfer;
  return [start, voucher.transferReference, ...rest];
}
