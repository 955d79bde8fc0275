import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { findingsOf, sidewaysOf } from './page.probe.js';
import { Stage } from './stage.js';

const HOSTILE = [
  '<script>document.title = "owned"</script><img src=x onerror=alert(1)>',
  'Mouse \u202egpj.exe\u202d "&amp;" \u{1f9d1}\u200d\u{1f4bb}',
  'W'.repeat(120),
];
const UNKNOWN = '01936f2e-7b1a-7c3d-8e4f-0123456789ab';

describe('the pages', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  }, 120_000);
  afterEach(() => stage.clear());
  afterAll(() => stage?.close());

  it.each([
    {
      locale: 'es-MX',
      language: 'es',
      titles: ['Pago recibido', 'Recibo'],
      links: ['Consultar de nuevo', 'Ver el recibo'],
    },
    {
      locale: 'en-GB',
      language: 'en',
      titles: ['Payment received', 'Receipt'],
      links: ['Check again', 'View receipt'],
    },
    {
      locale: 'de-DE',
      language: 'en',
      titles: ['Payment received', 'Receipt'],
      links: ['Check again', 'View receipt'],
    },
  ])('speak $language to a browser that asks for $locale', async ({ locale, language, titles, links }) => {
    const [customer] = await stage.customer({}, { locale });
    const [paid = '', receipt = ''] = titles;
    const [again = '', toReceipt = ''] = links;
    await customer.press(/^Pay /);
    await customer.becomes(paid, { link: again, picture: `paid-${locale}` });
    await customer.follow(toReceipt);
    await customer.see(receipt, `receipt-${locale}`);
    expect(await customer.page.locator('html').getAttribute('lang')).toBe(language);
    expect(await customer.page.title()).toBe(receipt);
  });

  it('wait, offer to continue, and miss a payment in Spanish too', async () => {
    const [customer, session] = await stage.customer({}, { locale: 'es' });
    await customer.open(session.successUrl);
    await customer.see('Esperando la confirmación');
    await customer.open(session.cancelUrl);
    await customer.see('Pago sin completar');
    await customer.follow('Continuar con el pago');
    await customer.see('To pay');
    await customer.open(`${stage.service.url}/payments/${UNKNOWN}/receipt`);
    await customer.see('Página no encontrada', 'not-found');
  });

  it('show names that are HTML, turn the direction of writing or never end, as the text that they are', async () => {
    const items = HOSTILE.map((name) => ({ name, price: 1_234_567.89, quantity: 1 }));
    const orderId = '<b>orden</b> \u202e1234 '.repeat(8);
    const [customer] = await stage.customer({ orderId, items });
    await customer.see('To pay', 'checkout-hostile');
    const lines = customer.page.locator('.lines li bdi');
    expect(await lines.allTextContents()).toEqual(HOSTILE);
    await customer.press(/^Pay /);
    await customer.becomes('Payment received', { picture: 'paid-hostile' });
    expect(await customer.words()).toContain(`<b>orden</b> 1234 <b>orden</b> 1234`);
    await customer.follow('View receipt');
    await customer.see('Receipt', 'receipt-hostile');
    // The names stay what they are; what would turn the direction of reading is left out of our pages.
    const read = HOSTILE.map((name) => name.replaceAll(/[\u202d\u202e]/g, ''));
    expect(await customer.page.locator('tbody bdi').allTextContents()).toEqual(read);
    expect(await customer.page.title()).toBe('Receipt');
  });

  it('S19k tell times in the zone of their reader, and an unknown address is a page', async () => {
    const [customer, session] = await stage.customer({}, { locale: 'es-MX', timezoneId: 'America/Tijuana' });
    await customer.press(/^Pay /);
    await customer.becomes('Pago recibido', { link: 'Consultar de nuevo' });
    await customer.follow('Ver el recibo');
    await customer.see('Recibo', 'receipt-zone');
    const time = customer.page.locator('time');
    expect(await time.innerText()).toMatch(/ (GMT-[78]|P[SD]T)$/);
    const written = await fetch(customer.page.url(), { headers: { accept: 'text/html' } });
    expect(await written.text()).toMatch(/<time[^>]*>[^<]* UTC<\/time>/);
    await customer.open(`${stage.service.url}/pagos/${session.paymentId}`);
    await customer.see('Página no encontrada', 'nowhere');
    await customer.open(`${stage.service.url}/pay/${UNKNOWN}`);
    await customer.see('Página no encontrada');
  });

  it('can be read in the dark', async () => {
    const [customer, session] = await stage.customer({}, { colorScheme: 'dark' });
    await customer.open(session.cancelUrl);
    await customer.see('Payment not completed', 'left-dark');
    await customer.follow('Continue to payment');
    await customer.press(/^Pay /);
    await customer.becomes('Payment received', { picture: 'paid-dark' });
    await customer.follow('View receipt');
    await customer.see('Receipt', 'receipt-dark');
  });

  it('are looked at with eyes that find what is wrong', async () => {
    const visitor = await stage.visitor();
    await visitor.open(`${stage.service.url}/payments/success`);
    await visitor.see('Thank you');
    const { page } = visitor;
    await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<script>1</script><h3 id=a>x</h3>'
      + '<h1 id=a>y</h1><input><p id=faint>z</p><a href=/></a><div id=wide></div>')`);
    await page.evaluate(`document.querySelector('#faint').style.color = 'rgb(200,200,200)';
      document.querySelector('#wide').style.width = '3000px'; document.querySelector('#wide').style.height = '1px'`);
    expect(await findingsOf(page)).toMatchObject({
      mainHeadings: ['Thank you', 'y'],
      skippedHeadings: ['h3'],
      unnamed: ['<input>', '<a href="/"></a>'],
      repeatedIds: ['a'],
      faint: [expect.stringContaining('id="faint"')],
    });
    expect(await sidewaysOf(page)).toBeGreaterThan(1_000);
    await page.evaluate(`const script = document.createElement('script'); script.textContent = '1';
      document.body.append(script)`);
    await expect(visitor.leave()).rejects.toThrow('Content Security Policy');
    visitor.complaints.length = 0;
  });
});
