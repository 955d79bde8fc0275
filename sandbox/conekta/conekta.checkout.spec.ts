import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiCaller, CHECKOUT, startSandbox } from '../../test/support/sandbox/conekta.caller.js';
import type { CardOutcome, CheckoutActs } from './checkout.acts.js';
import { ConektaError } from './conekta.errors.js';
import type { ConektaSandbox } from './conekta.sandbox.js';
import type { Order } from './conekta.types.js';

const DAY = 24 * 60 * 60;
const VISA = { number: '4242 4242 4242 4242', name: 'Ana Prueba' };
const DECLINED = { ...VISA, number: '4000000000000002' };
const ASKING = { ...VISA, number: '4000002500003155' };

describe('a checkout at the stand-in Conekta', () => {
  let sandbox: ConektaSandbox;
  let api: ApiCaller;
  let acts: CheckoutActs;

  beforeEach(async () => {
    sandbox = await startSandbox();
    api = new ApiCaller(sandbox);
    acts = sandbox.acts;
  });

  afterEach(() => sandbox.close());

  const open = async (checkout: Record<string, unknown> = {}, changes: Record<string, unknown> = {}) => {
    const order = await api.order({ checkout: { ...CHECKOUT, ...checkout }, ...changes });
    return { id: order.checkout?.id ?? '', orderId: order.id };
  };
  const orderNow = (orderId: string): Order | undefined =>
    sandbox.state().orders.find(({ id }) => id === orderId);
  const types = () => sandbox.events.map(({ type }) => type).filter((type) => type !== 'order.created');

  it('shows what the page needs', async () => {
    const { id, orderId } = await open({
      type: 'HostedPayment',
      success_url: 'https://shop.example/ok',
      failure_url: 'https://shop.example/no',
      monthly_installments_enabled: true,
      monthly_installments_options: [3, 6],
    });
    expect(acts.view(id)).toEqual({
      id,
      orderId,
      type: 'HostedPayment',
      status: 'Issued',
      amount: 39_800,
      currency: 'MXN',
      methods: ['card', 'cash', 'bank_transfer'],
      installments: [3, 6],
      items: [{ name: 'Teclado', unitPrice: 19_900, quantity: 2 }],
      customerName: 'Ana Prueba',
      successUrl: 'https://shop.example/ok',
      failureUrl: 'https://shop.example/no',
      voucher: null,
    });
  });

  it('is paid by card', async () => {
    const { id, orderId } = await open();
    const outcome = acts.payByCard(id, VISA, 'es');
    const order = orderNow(orderId);
    expect(order).toMatchObject({
      payment_status: 'paid',
      is_refundable: true,
      checkout: { status: 'Paid', paid_payments_count: 1 },
      charges: { data: [{ status: 'paid', channel: { checkout_request_id: id } }] },
    });
    expect(outcome).toEqual({ kind: 'paid', chargeId: order?.charges?.data[0]?.id });
    expect(types()).toEqual(['charge.created', 'charge.paid', 'order.paid']);
    expect(() => acts.payByCard(id, VISA, 'es')).toThrow(ConektaError);
  });

  it('stays open after a declined card, in the language of the page, and is paid by the next', async () => {
    const { id, orderId } = await open();
    const refusals = [acts.payByCard(id, DECLINED, 'es'), acts.payByCard(id, DECLINED, 'en')];
    expect(refusals).toMatchObject([
      { kind: 'declined', code: 'card_declined', message: expect.stringMatching(/rechazó/) },
      { kind: 'declined', code: 'card_declined', message: expect.stringMatching(/refused/) },
    ]);
    expect(orderNow(orderId)).toMatchObject({ payment_status: 'declined', checkout: { status: 'Issued' } });
    expect(acts.payByCard(id, VISA, 'es').kind).toBe('paid');
    expect(orderNow(orderId)?.charges?.data.map(({ status }) => status)).toEqual([
      'paid',
      'declined',
      'declined',
    ]);
    const attempt = ['charge.created', 'charge.declined', 'order.declined'];
    expect(types()).toEqual([...attempt, ...attempt, 'charge.created', 'charge.paid', 'order.paid']);
  });

  it('is over after as many refusals as it allows', async () => {
    const { id } = await open({ max_failed_retries: 1 });
    acts.payByCard(id, DECLINED, 'es');
    expect(acts.view(id).status).toBe('Issued');
    acts.payByCard(id, DECLINED, 'es');
    expect(acts.view(id).status).toBe('Failed');
    expect(() => acts.payByCard(id, VISA, 'es')).toThrow(/closed/);
  });

  it.each<[boolean, CardOutcome['kind'], string]>([
    [true, 'paid', 'paid'],
    [false, 'declined', 'declined'],
  ])('asks for the bank, and the answer %s makes it %s', async (approves, kind, status) => {
    const { id, orderId } = await open();
    expect(acts.payByCard(id, ASKING, 'en')).toEqual({ kind: 'challenge' });
    expect(orderNow(orderId)?.charges?.data[0]?.status).toBe('pending_confirmation');
    expect(acts.answerChallenge(id, approves, 'en').kind).toBe(kind);
    expect(orderNow(orderId)?.payment_status).toBe(status);
    expect(types().slice(0, 2)).toEqual(['charge.created', 'charge.pending_confirmation']);
    expect(() => acts.answerChallenge(id, true, 'en')).toThrow(/not asked/);
  });

  it('asks for every card in strict 3DS, and forgets the question when another card is typed', async () => {
    const { id, orderId } = await open({}, { three_ds_mode: 'strict' });
    expect(acts.payByCard(id, VISA, 'en').kind).toBe('challenge');
    expect(acts.payByCard(id, VISA, 'en').kind).toBe('challenge');
    expect(acts.answerChallenge(id, true, 'en').kind).toBe('paid');
    expect(orderNow(orderId)?.charges?.data.map(({ status }) => status)).toEqual(['paid', 'canceled']);
  });

  it('takes the months that it offers, from cards that can', async () => {
    const { id, orderId } = await open({
      monthly_installments_enabled: true,
      monthly_installments_options: [3, 6],
    });
    expect(() => acts.payByCard(id, { ...VISA, installments: 9 }, 'es')).toThrow(/months/);
    const cannot = { number: '4000000000000119', name: 'Ana', installments: 3 };
    expect(acts.payByCard(id, cannot, 'es')).toMatchObject({ kind: 'declined', code: 'msi_error' });
    expect(acts.payByCard(id, { ...VISA, installments: 6 }, 'es').kind).toBe('paid');
    expect(orderNow(orderId)?.charges?.data[0]).toMatchObject({ monthly_installments: 6, status: 'paid' });
  });

  it.each([
    ['not a number', '1234', /not valid/],
    ['an excluded brand', '371449635398431', /brand/],
  ])('takes no card with %s', async (_name, number, message) => {
    const { id } = await open({ exclude_card_networks: ['amex'] });
    expect(() => acts.payByCard(id, { ...VISA, number }, 'es')).toThrow(message);
    expect(types()).toEqual([]);
  });

  it('declines a real card: nobody should type one here', async () => {
    const { id } = await open();
    const outcome = acts.payByCard(id, { ...VISA, number: '4111111111111111' }, 'en');
    expect(outcome).toMatchObject({ kind: 'declined', code: 'test_mode_live_card' });
  });

  it('issues a voucher once, which is paid days later', async () => {
    const { id, orderId } = await open();
    const voucher = acts.issueCash(id);
    expect(voucher).toMatchObject({ kind: 'cash', reference: expect.stringMatching(/^\d{14}$/) });
    expect(acts.issueCash(id)).toEqual(voucher);
    expect(acts.view(id).voucher).toEqual(voucher);
    const picture = voucher.kind === 'cash' ? await fetch(voucher.barcodeUrl) : undefined;
    expect([picture?.status, picture?.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(() => acts.payByCard(id, VISA, 'es')).toThrow(/waits for a payment/);
    await sandbox.advance(2 * DAY);
    await sandbox.payVoucher(orderId);
    expect(orderNow(orderId)).toMatchObject({ payment_status: 'paid', checkout: { status: 'Paid' } });
    expect(types()).toEqual(['charge.created', 'order.pending_payment', 'charge.paid', 'order.paid']);
  });

  it('issues a CLABE that banks take', async () => {
    const { id, orderId } = await open();
    const transfer = acts.issueTransfer(id);
    const clabe = transfer.kind === 'bank_transfer' ? transfer.clabe : '';
    const weighed = [...clabe].map((digit, index) => (Number(digit) * ([3, 7, 1][index % 3] ?? 0)) % 10);
    const sum = weighed.slice(0, 17).reduce((total, one) => total + one, 0);
    expect(clabe).toMatch(/^\d{18}$/);
    expect((10 - (sum % 10)) % 10).toBe(Number(clabe[17]));
    await sandbox.receiveTransfer(orderId);
    expect(orderNow(orderId)?.charges?.data[0]).toMatchObject({
      status: 'paid',
      payment_method: { object: 'bank_transfer_payment', tracking_code: expect.any(String) },
    });
  });

  it('expires with its voucher, and the money may come all the same', async () => {
    const { id, orderId } = await open();
    acts.issueCash(id);
    await sandbox.advance(4 * DAY);
    expect(acts.view(id)).toMatchObject({ status: 'Expired', voucher: null });
    expect(types().slice(-2)).toEqual(['charge.expired', 'order.expired']);
    await expect(sandbox.payVoucher(orderId)).rejects.toThrow(/waits for this money/);
    await sandbox.payVoucher(orderId, { late: true });
    expect(orderNow(orderId)?.payment_status).toBe('paid');
    expect(types().slice(-2)).toEqual(['charge.paid', 'order.paid']);
  });

  it('offers only what it was told to', async () => {
    const { id } = await open({ allowed_payment_methods: ['cash'] });
    expect(() => acts.payByCard(id, VISA, 'es')).toThrow(/does not offer/);
    expect(() => acts.issueTransfer(id)).toThrow(/does not offer/);
    expect(() => acts.view('none')).toThrow(ConektaError);
  });

  it('keeps the card of a customer who pays on demand', async () => {
    const customer = await api.customer();
    const { id } = await open({ on_demand_enabled: true }, { customer_info: { customer_id: customer } });
    acts.payByCard(id, VISA, 'es');
    expect(sandbox.state().customers[0]?.payment_sources.data).toMatchObject([
      { last4: '4242', default: true },
    ]);
  });

  it('can be a link, whose order is made when somebody pays', async () => {
    const link = await api.post('/checkouts', {
      name: 'Liga',
      type: 'PaymentLink',
      recurrent: false,
      allowed_payment_methods: ['card'],
      expires_at: Math.floor(Date.now() / 1000) + DAY,
      order_template: {
        currency: 'MXN',
        customer_info: { name: 'Ana', email: 'ana@tienda.example', phone: '+525555550101' },
        line_items: [{ name: 'Teclado', unit_price: 100, quantity: 1 }],
      },
    });
    const id = String(link.body['id']);
    expect(acts.view(id)).toMatchObject({ orderId: '', amount: 100, status: 'Issued' });
    expect(sandbox.state().orders).toEqual([]);
    acts.payByCard(id, VISA, 'es');
    expect(sandbox.state().orders).toMatchObject([{ payment_status: 'paid', checkout: { id } }]);
    expect((await api.get(`/checkouts/${id}`)).body).toMatchObject({ status: 'Paid' });
  });

  it('can be canceled by itself', async () => {
    const { id } = await open();
    const cancel = () => api.call('PUT', `/checkouts/${id}/cancel`);
    expect(await cancel()).toMatchObject({ status: 200, body: { status: 'Cancelled' } });
    expect(await cancel()).toMatchObject({ status: 428 });
    expect(() => acts.payByCard(id, VISA, 'es')).toThrow(/closed/);
    expect((await api.get('/checkouts')).body).toMatchObject({ data: [{ id }] });
  });

  it('makes a token of a card, to be used once', async () => {
    const { id } = acts.createToken(VISA);
    const params = { charges: [{ payment_method: { type: 'card', token_id: id } }] };
    expect(await api.order(params)).toMatchObject({ payment_status: 'paid' });
    await expect(api.order(params)).rejects.toThrow(/402/);
  });
});
