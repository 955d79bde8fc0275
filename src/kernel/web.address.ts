import { isFQDN, isURL } from 'class-validator';

/** What browsers, and the databases of others, take. */
const MAX_LENGTH = 4_096;
/** What `IsUrl` of an orders service takes. */
const MAX_RECEIPT_LENGTH = 2_000;
/** A URL parser drops line breaks, and reads a backslash as a slash: what others read would be another address. */
const PLAIN = /^[\x21-\x5b\x5d-\x7e]+$/;

/** What a shop writes into an address for the id of the checkout session. */
export const SESSION_ID = '{CHECKOUT_SESSION_ID}';

export function withSessionId(url: string, id: string): string {
  return url.replaceAll(SESSION_ID, id);
}

/** The address, if a browser can be sent there as it is written: absolute, http or https, without a password. */
export function webAddress(text: string | null | undefined): string | undefined {
  return parsed(text) === undefined ? undefined : (text ?? undefined);
}

/** A provider's own page or picture: https, unless its host has no public name (a stand-in). */
export function providerAddress(text: string | null | undefined): string | undefined {
  const url = parsed(text);
  if (url === undefined || (url.protocol === 'http:' && isPublic(url))) return undefined;
  return text ?? undefined;
}

/** A provider's public receipt. Orders services drop a whole message for a receipt that their `IsUrl` refuses. */
export function receiptAddress(text: string | null | undefined): string | undefined {
  const url = parsed(text);
  if (url?.protocol !== 'https:' || !isPublic(url) || url.href.length > MAX_RECEIPT_LENGTH) return undefined;
  return typeof text === 'string' && isURL(text) ? text : undefined;
}

function parsed(text: string | null | undefined): URL | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH || !PLAIN.test(text)) return undefined;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.username === '' && url.password === '' ? url : undefined;
}

/** The parser has written every kind of IP address in one way. */
function isPublic({ hostname }: URL): boolean {
  return isFQDN(hostname) && !/\.(localhost|local|internal)$/.test(hostname);
}
