import Joi from 'joi';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WITHDRAWN } from '../kernel/money.js';
import { SESSION_ID, withSessionId } from '../kernel/web.address.js';
import type { ApiKey, CardFormSettings } from './settings.js';

/** A fault, to be read after the variable's name. */
export class Unusable extends Error {}

/** A variable that `read` turns into something else, or throws {@link Unusable} for. */
export function parsed<T, F extends T | undefined = undefined>(
  read: (text: string) => T,
  fallback?: F,
): Joi.AnySchema<T | F> {
  const schema = Joi.any<T | F>()
    .empty('')
    .custom((value: unknown, helpers) => {
      try {
        return read(String(value));
      } catch (error) {
        if (!(error instanceof Unusable)) throw error;
        // Not in the template: Joi takes braces for an expression.
        return helpers.message({ custom: '{{#label}} {{#rule}}' }, { rule: error.message });
      }
    });
  return fallback === undefined ? schema : schema.default(fallback);
}

/** A secret that is present must hold something: a blank one would make every check against it worthless. */
export const secret = Joi.string<string | undefined>()
  .trim()
  .custom((text: string, helpers) => {
    if (text === 'undefined' || text === 'null') return helpers.error('any.invalid');
    if (/["'`]/.test(text)) return helpers.error('string.quotes');
    return text.length < 8 ? helpers.error('string.min') : text;
  })
  .messages({
    'string.quotes': '{{#label}} has quotes inside: take them out',
    'string.empty': '{{#label}} is set but empty',
    'string.min': '{{#label}} is too short to be a secret',
    'any.invalid': '{{#label}} holds no secret',
  });

export const httpUrl = Joi.string<string | undefined>()
  .empty('')
  .uri({ scheme: ['http', 'https'] })
  .messages({ 'string.uriCustomScheme': '{{#label}} must be a whole http or https URL' })
  .custom((value: string) => value.replace(/\/+$/, ''));

/** As it is written: the provider fills in the session's id. */
export const returnUrl = parsed((value) => {
  const isBehindHost = URL.canParse(value) && !new URL(value).host.includes('{');
  if (isBehindHost && httpUrl.validate(withSessionId(value, 'id')).error === undefined) return value;
  throw new Unusable(
    `must be a whole http or https URL, with no braces but ${SESSION_ID} in its path or query`,
  );
});

export const commaList = parsed((text) => splitList(text));

/** Some write the list with `;`. */
export function serverList(fallback: string[]): Joi.AnySchema<string[]> {
  return parsed((text) => {
    const servers = splitList(text.replaceAll(';', ','));
    const wrong = servers.find((server) => !SERVER.test(server));
    if (wrong === undefined) return servers;
    // Nothing else of it is told: it may hold a password.
    const scheme = /^(?!nats:|tls:)[a-z][a-z0-9+.-]*:\/\//i.exec(wrong)?.[0];
    const found = scheme === undefined ? 'holds something else' : `holds one with ${scheme}`;
    throw new Unusable(`must be addresses such as nats://127.0.0.1:4222, and ${found}`);
  }, fallback);
}

/** With a user and password, a host or an address, and a port. */
const SERVER = /^((nats|tls):\/\/)?([^\s@/"'`]+@)?([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?\/?$/i;

export const origins = parsed((text) => {
  const list = splitList(text);
  const wrong = list.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong === undefined) return list;
  throw new Unusable(`holds "${wrong}", which is not an origin such as https://shop.example`);
});

export function currencyCode(fallback: string): Joi.AnySchema<string> {
  return parsed((text) => {
    // Before it is folded: an upper-case ſ is an S.
    const code = /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : '';
    const gone = WITHDRAWN[code];
    if (gone !== undefined) throw new Unusable(`must be ${gone.now}: ${code} was withdrawn on ${gone.since}`);
    if (code === '') throw new Unusable('must be an ISO 4217 currency code such as USD');
    return code;
  }, fallback);
}

export const isoDate = Joi.date<Date | undefined>()
  .iso()
  .empty('')
  .messages({ 'date.format': '{{#label}} must be in ISO 8601, such as 2026-01-31T00:00:00Z' });

/** A file's text. */
export const pemFile = parsed(readNamed);

/** The path of a file that can be read. */
export const filePath = parsed((path) => {
  readNamed(path);
  return path;
});

function readNamed(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Unusable('names a file that cannot be read');
  }
}

/** Public RSA keys in PEM, one after the other; line ends may be written as `\\n`. */
export const publicKeys = parsed((value) => {
  const text = value.replaceAll('\\n', '\n');
  const pems = text.match(PEM) ?? [];
  const rest = text.replace(PEM, '').trim();
  if (pems.length > 0 && rest === '' && pems.every(isRsaKey)) return pems;
  const other = /-----BEGIN [A-Z0-9 ]*(PRIVATE KEY|CERTIFICATE)-----/.exec(text)?.[1]?.toLowerCase();
  const found = other === undefined ? '' : `, and holds a ${other}`;
  throw new Unusable(`must hold public RSA keys in PEM, one after the other${found}`);
});

const PEM = /-----BEGIN (?:RSA )?PUBLIC KEY-----[A-Za-z0-9+/=\s]{1,4000}-----END (?:RSA )?PUBLIC KEY-----/g;

function isRsaKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

/** 32 bytes. */
export const encryptionKey = parsed((value) => {
  const text = value.trim();
  const key = Buffer.from(text, /^[0-9a-fA-F]{64}$/.test(text) ? 'hex' : 'base64');
  if (key.length === 32) return key;
  throw new Unusable('must be 32 bytes, as 64 hexadecimal digits or as base64');
});

const PROVIDERS = new Set(['stripe', 'conekta']);

/** `MXN=conekta,stripe;*=stripe` */
export const providerRoutes = parsed((text) => {
  const written = text.split(';').filter((rule) => rule.trim() !== '');
  const rules = written.map((rule) => {
    const [, currency, providers] = /^\s*([A-Za-z]{3}|\*)\s*=([a-z, ]*[a-z][a-z, ]*)$/.exec(rule) ?? [];
    if (currency === undefined || providers === undefined)
      throw new Unusable('must look like MXN=conekta,stripe;*=stripe');
    return { currency: currency.toUpperCase(), providers: splitList(providers) };
  });
  const stranger = rules.flatMap(({ providers }) => providers).find((name) => !PROVIDERS.has(name));
  if (stranger === undefined) return rules;
  throw new Unusable(`names "${stranger}", which is none of ${[...PROVIDERS].join(', ')}`);
});

/** False when absent. */
export const flag = Joi.boolean()
  .empty('')
  .default(false)
  .messages({ 'boolean.base': '{{#label}} must be true or false' });

/** Callers that show no key, see http/access. A key may share the group of `nats`: `name@nats`. */
const RESERVED_GROUPS = new Set(['open', 'public', 'provider']);
const RESERVED_NAMES = new Set([...RESERVED_GROUPS, 'nats']);
const ROLES = ['service', 'operator', 'viewer'] as const;

/** `name:role:sha256hex` or `name@group:role:sha256hex`, comma list. */
export const apiKeys = parsed((text) => {
  const keys: ApiKey[] = [];
  for (const entry of splitList(text)) {
    const [, name = '', group = name, said, hex = ''] = API_KEY.exec(entry) ?? [];
    const role = ROLES.find((one) => one === said);
    if (role === undefined) {
      throw new Unusable(
        'entries must be name:role:sha256hex or name@group:role:sha256hex, role service, operator or viewer',
      );
    }
    if (RESERVED_NAMES.has(name))
      throw new Unusable(`may not name a key "${name}": the service itself uses that name`);
    if (RESERVED_GROUPS.has(group))
      throw new Unusable(`may not put a key into the group "${group}": the service itself uses that name`);
    if (keys.some((key) => key.name === name)) throw new Unusable(`names "${name}" twice`);
    keys.push({ name, group, role, hash: Buffer.from(hex, 'hex') });
  }
  // Taken for "no keys", it would open the service to everybody.
  if (keys.length === 0) throw new Unusable('is set but holds no key');
  return keys;
});

const API_KEY = /^([\w.-]{1,64})(?:@([\w.-]{1,64}))?:(service|operator|viewer):([0-9a-fA-F]{64})$/;

export function splitList(text: string, separator = ','): string[] {
  const parts = text.split(separator).map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

const colour = Joi.string()
  .pattern(/^#[0-9a-fA-F]{6}$/)
  .messages({ 'string.pattern.base': '{{#label}} must be a colour such as #301007' });

const CARD_FORM_STYLE = Joi.object({
  inputType: Joi.valid('basic', 'rounded', 'line'),
  buttonType: Joi.valid('basic', 'rounded', 'sharp'),
  borderColors: Joi.object({ empty: colour, invalid: colour, valid: colour }),
  button: Joi.object({ text: Joi.string().max(40), textColor: colour, backgroundColor: colour }),
  frame: Joi.object({ textColor: colour, backgroundColor: colour }),
  language: Joi.valid('es', 'en'),
});

/** JSON: how a form for a card looks. */
export const cardFormStyle = Joi.any<CardFormSettings | undefined>()
  .empty('')
  .custom((value: unknown, helpers) => {
    const json = parseJson(String(value));
    if (json === undefined) return helpers.message({ custom: '{{#label}} must be JSON' });
    const { error, value: style } = CARD_FORM_STYLE.validate(json, { errors: { wrap: { label: false } } });
    return error === undefined ? style : helpers.message({ custom: `{{#label}}: ${error.message}` });
  });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
