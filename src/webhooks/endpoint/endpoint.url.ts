import { invalidField } from '../../kernel/errors.js';

const MAX_URL_LENGTH = 2_000;

/** The URL as it is registered. @throws ServiceError invalid_request; what the provider refuses, it says itself. */
export function endpointUrl(text: string): string {
  if (text.length > MAX_URL_LENGTH || !URL.canParse(text)) throw invalidField('url', 'must be a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw invalidField('url', 'must be a web address');
  // It is listed to every operator, and the provider keeps it in clear.
  if (url.username !== '' || url.password !== '')
    throw invalidField('url', 'must not hold a name or password');
  if (url.hash !== '') throw invalidField('url', 'must not hold a fragment: it is not sent');
  return url.href;
}

/** Two spellings of one address are one endpoint. */
export function isSameUrl(left: string, right: string): boolean {
  return spelled(left) === spelled(right);
}

function spelled(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}
