import Joi from 'joi';
import { parsed, splitList, Unusable } from './env.types.js';
import type { OrdersSettings } from './settings.js';

type EventKey = keyof OrdersSettings['eventKeys'];
type Wording = Pick<OrdersSettings, 'requestSubjects' | 'eventSubject' | 'eventKeys'>;

const REFERENCE: Wording = {
  requestSubjects: [],
  eventSubject: 'payment.succeeded',
  eventKeys: { stripePaymentId: 'stripePaymentId', orderId: 'orderId', receiptUrl: 'receiptUrl' },
};

/** The names that many orders services use; single variables win over them. */
export const PRESETS = {
  reference: REFERENCE,
  typo: { ...REFERENCE, eventSubject: 'payment.succeded' },
  charge: {
    ...REFERENCE,
    eventSubject: 'charge.succeeded',
    eventKeys: { ...REFERENCE.eventKeys, stripePaymentId: 'paymentChargeId', receiptUrl: 'receipt_url' },
  },
  // The request is served in both forms anyway.
  cmd: { ...REFERENCE, eventSubject: '{"cmd":"payment.succeeded"}' },
} satisfies Record<string, Wording>;

export const ordersPreset = Joi.string<keyof typeof PRESETS>()
  .empty('')
  .valid(...Object.keys(PRESETS))
  .default('reference');

const NAME = String.raw`[^\s.*>"'{}]+(?:\.[^\s.*>"'{}]+)*`;
const PLAIN = new RegExp(`^${NAME}$`);
const CMD = new RegExp(`^\\{\\s*["']?cmd["']?\\s*:\\s*["']?(${NAME})["']?\\s*\\}$`);

/** Requests of the API, and everything on the stream. */
const OWN_SUBJECT =
  /^payments\.(events\b|(get|list|charge|capture|cancel|refund|timeline)$|(customers|sources|tokens|plans|subscriptions)\.)/;
const SYSTEM_SUBJECT = /^[$_]/;

/** A name, or Nest's `{cmd: 'name'}`, whose subject is its JSON text; undefined for neither. */
function subjectOf(text: string): string | undefined {
  const cmd = CMD.exec(text)?.[1];
  if (cmd !== undefined) return JSON.stringify({ cmd });
  return PLAIN.test(text) && !SYSTEM_SUBJECT.test(text) ? text : undefined;
}

const NO_SUBJECT = 'must be a NATS subject without wildcards, or {"cmd":"name"}';

/** The subject that we ask on, or `none`. */
export function findSubject(fallback: string): Joi.AnySchema<string> {
  return parsed(requireSubject, fallback);
}

export const eventSubject = parsed((text) => {
  const name = requireSubject(text);
  const isTaken = OWN_SUBJECT.test(name) || name === 'create.payment.session';
  if (isTaken) throw new Unusable(`may not be ${name}: it is ours already`);
  return name;
});

function requireSubject(text: string): string {
  const name = subjectOf(text.trim());
  if (name === undefined) throw new Unusable(NO_SUBJECT);
  return name;
}

/** Further subjects on which sessions are asked for, `;` between them. */
export const requestSubjects = parsed((value) => {
  const subjects: string[] = [];
  for (const part of splitList(value, ';')) {
    const name = subjectOf(part);
    if (name === undefined) throw new Unusable(`holds "${part}", which ${NO_SUBJECT}`);
    if (OWN_SUBJECT.test(name)) throw new Unusable(`may not hold ${name}: it is ours already`);
    if (subjects.includes(name)) throw new Unusable(`names ${name} twice`);
    subjects.push(name);
  }
  return subjects;
});

const OUR_KEYS = Object.keys(REFERENCE.eventKeys);
const KEY = /^[A-Za-z_$][\w$-]{0,63}$/;
const LOOKS_LIKE = 'must look like stripePaymentId=paymentChargeId,receiptUrl=receipt_url';

/** `ours=theirs`, comma list; nothing on the right leaves that key out. */
export const eventKeys = parsed((value) => {
  const keys: Partial<Record<EventKey, string>> = {};
  for (const entry of value.split(',')) {
    const [ours = '', theirs, ...rest] = entry.split('=').map((part) => part.trim());
    if (theirs === undefined || rest.length > 0) throw new Unusable(LOOKS_LIKE);
    if (!isEventKey(ours)) throw new Unusable(`names "${ours}", which is none of ${OUR_KEYS.join(', ')}`);
    if (ours in keys) throw new Unusable(`names "${ours}" twice`);
    if (theirs === '' && ours === 'orderId')
      throw new Unusable('may not leave out orderId: nobody would know what is paid');
    if (theirs !== '' && (!KEY.test(theirs) || theirs === '__proto__'))
      throw new Unusable(`holds "${theirs}", which is not the name of a key`);
    keys[ours] = theirs;
  }
  return keys;
});

/** One subject has one meaning, one key one value. */
export function ordersFaults({
  eventSubject,
  eventKeys,
  requestSubjects,
  findSubject,
}: OrdersSettings): string[] {
  const names = Object.values(eventKeys).filter((name) => name !== '');
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  const clash = [...requestSubjects, findSubject].includes(eventSubject);
  return [
    ...(twice === undefined ? [] : [`ORDERS_EVENT_KEYS gives two values the name "${twice}"`]),
    ...(clash ? [`ORDERS_EVENT_SUBJECT ${eventSubject} is also a subject of requests`] : []),
  ];
}

function isEventKey(name: string): name is EventKey {
  return Object.hasOwn(REFERENCE.eventKeys, name);
}
