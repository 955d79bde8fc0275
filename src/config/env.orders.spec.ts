import { describe, expect, it } from '@jest/globals';
import { EnvironmentFaults, parseEnvironment, type Environment } from './environment.js';

const STRIPE = { STRIPE_SECRET: 'sk_test_12345678', STRIPE_ENDPOINT_SECRET: 'whsec_12345678' };
const KEYS = { stripePaymentId: 'stripePaymentId', orderId: 'orderId', receiptUrl: 'receiptUrl' };

function ordersOf(env: Environment) {
  return parseEnvironment({ ...STRIPE, ...env }).orders;
}

function faultsOf(env: Environment): readonly string[] {
  try {
    ordersOf(env);
  } catch (error) {
    if (error instanceof EnvironmentFaults) return error.faults;
    throw error;
  }
  throw new Error('nothing is wrong with it');
}

describe('the names that an orders service uses', () => {
  it.each([
    [undefined, 'payment.succeeded', KEYS],
    ['reference', 'payment.succeeded', KEYS],
    ['typo', 'payment.succeded', KEYS],
    [
      'charge',
      'charge.succeeded',
      { ...KEYS, stripePaymentId: 'paymentChargeId', receiptUrl: 'receipt_url' },
    ],
    ['cmd', '{"cmd":"payment.succeeded"}', KEYS],
  ])('T17h by the preset %s are sent on %s', (preset, eventSubject, eventKeys) => {
    expect(ordersOf({ ORDERS_PRESET: preset })).toMatchObject({
      eventSubject,
      eventKeys,
      requestSubjects: [],
    });
  });

  it('T17i by single variables win over the preset, key by key', () => {
    const env = {
      ORDERS_PRESET: 'charge',
      ORDERS_EVENT_SUBJECT: 'payment.success',
      ORDERS_EVENT_KEYS: 'stripePaymentId=stripeId, orderId = idOrder ,receiptUrl=',
    };
    expect(ordersOf(env)).toMatchObject({
      eventSubject: 'payment.success',
      eventKeys: { stripePaymentId: 'stripeId', orderId: 'idOrder', receiptUrl: '' },
    });
    expect(ordersOf({ ...env, ORDERS_EVENT_KEYS: 'receiptUrl=recipeUrl' }).eventKeys).toEqual({
      stripePaymentId: 'paymentChargeId',
      orderId: 'orderId',
      receiptUrl: 'recipeUrl',
    });
  });

  it('T17j of requests are a list, also in the {cmd} form', () => {
    const subjects =
      'createSession; {"cmd":"create_payment_session"};{cmd: \'payments.create_session\'};payments.create;';
    expect(ordersOf({ ORDERS_REQUEST_SUBJECTS: subjects }).requestSubjects).toEqual([
      'createSession',
      '{"cmd":"create_payment_session"}',
      '{"cmd":"payments.create_session"}',
      'payments.create',
    ]);
  });

  it.each([
    'payment.succeded;payment.suceeded;payment.success;charge.succeeded;payment_succeeded;paymentSucceeded',
    'payment-succeeded;{"cmd":"payment.succeeded"};{"cmd":"payment_succeeded"};{"cmd":"charge.succeeded"}',
  ])('T17q may be any in use for what is told: %s', (names) => {
    for (const name of names.split(';')) {
      expect(ordersOf({ ORDERS_EVENT_SUBJECT: name }).eventSubject).toBe(name);
    }
  });

  it.each([
    'create-payment-session;create.payments.session;createSession;create.session.payment;payments.create',
    'payments.createSession;payment.session.create;create_payment_session;stripe.create.session',
    '{"cmd":"create.payment.session"};{"cmd":"create_payment_session"};{"cmd":"payment.create.session"}',
    '{"cmd":"create-session-payment"};{"cmd":"payments.create_session"}',
  ])('T17r may be any in use for requests: %s', (names) => {
    expect(ordersOf({ ORDERS_REQUEST_SUBJECTS: names }).requestSubjects).toEqual(names.split(';'));
  });

  it('T18d of the lookup may be written as {cmd}, and none means that nobody answers', () => {
    expect(ordersOf({ ORDERS_FIND_SUBJECT: '{"cmd":"find_one_order"}' }).findSubject).toBe(
      '{"cmd":"find_one_order"}',
    );
    expect(ordersOf({ ORDERS_FIND_SUBJECT: 'none' }).findSubject).toBeUndefined();
    expect(ordersOf({}).findSubject).toBe('findOneOrder');
  });

  it('T18e of brokers are a list with commas or semicolons', () => {
    const { servers } = parseEnvironment({
      ...STRIPE,
      NATS_SERVERS: 'nats://a:4222; nats://b:4222,nats://c',
    }).nats;
    expect(servers).toEqual(['nats://a:4222', 'nats://b:4222', 'nats://c']);
  });

  it.each([
    ['ORDERS_PRESET', 'mine', 'must be one of [reference, typo, charge, cmd]'],
    [
      'ORDERS_EVENT_KEYS',
      'chargeId=x',
      'names "chargeId", which is none of stripePaymentId, orderId, receiptUrl',
    ],
    ['ORDERS_EVENT_KEYS', 'orderId=a,orderId=b', 'names "orderId" twice'],
    ['ORDERS_EVENT_KEYS', 'orderId', 'must look like stripePaymentId=paymentChargeId,receiptUrl=receipt_url'],
    ['ORDERS_EVENT_KEYS', 'orderId=', 'may not leave out orderId: nobody would know what is paid'],
    ['ORDERS_EVENT_KEYS', 'orderId=__proto__', 'holds "__proto__", which is not the name of a key'],
    ['ORDERS_EVENT_KEYS', 'orderId=a b', 'holds "a b", which is not the name of a key'],
    ['ORDERS_EVENT_KEYS', 'orderId=receiptUrl', 'gives two values the name "receiptUrl"'],
    ['ORDERS_EVENT_SUBJECT', 'payments.events.paid', 'may not be payments.events.paid: it is ours already'],
    [
      'ORDERS_EVENT_SUBJECT',
      'create.payment.session',
      'may not be create.payment.session: it is ours already',
    ],
    ['ORDERS_EVENT_SUBJECT', 'findOneOrder', 'findOneOrder is also a subject of requests'],
    ['ORDERS_EVENT_SUBJECT', 'payment.>', 'must be a NATS subject without wildcards, or {"cmd":"name"}'],
    ['ORDERS_EVENT_SUBJECT', 'payment *', 'must be a NATS subject without wildcards, or {"cmd":"name"}'],
    ['ORDERS_REQUEST_SUBJECTS', 'a;a', 'names a twice'],
    ['ORDERS_REQUEST_SUBJECTS', 'payments.get', 'may not hold payments.get: it is ours already'],
    [
      'ORDERS_REQUEST_SUBJECTS',
      '$JS.API',
      'holds "$JS.API", which must be a NATS subject without wildcards, or {"cmd":"name"}',
    ],
    ['ORDERS_ID_TYPE', 'uuid', 'must be one of [string, number]'],
    ['NATS_INBOX_PREFIX', '_INBOX.>', 'must be a NATS subject without wildcards'],
  ])('T17k refuse %s=%s', (name, value, rule) => {
    expect(faultsOf({ [name]: value })).toEqual([`${name} ${rule}`]);
  });
});
