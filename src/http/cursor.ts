import { invalidField } from '../kernel/errors.js';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Where the next page of a list begins, which is newest first: after the row of this id. */
export function encodeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** @throws ServiceError invalid_request for anything but a `nextCursor`. */
export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!ID.test(id)) throw invalidField('cursor', 'must be the nextCursor of the page before');
  return id;
}
