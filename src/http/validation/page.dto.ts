import { Transform } from 'class-transformer';
import { IsOptional, IsString } from 'class-validator';
import { invalidField } from '../../kernel/errors.js';
import { WholeNumber } from './number.rules.js';

/** Which part of a list, newest first. */
export class PageDto {
  /** `nextCursor` of the page before. */
  @IsOptional()
  @IsString({ message: '$property must be the nextCursor of the page before' })
  cursor?: string;

  /** 1 to 100. Default 20. */
  @IsOptional()
  // A query has texts alone, NATS has numbers.
  @Transform(({ value }: { value: unknown }) => (isDigits(value) ? Number(value) : value))
  @WholeNumber({ min: 1, max: 100 })
  limit?: number;
}

function isDigits(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,4}$/.test(value);
}

/** What a store reads for a page. */
export interface PageBounds {
  /** Only rows older than this id. */
  before?: string | undefined;
  /** One more than the page holds: it tells whether there is another. */
  limit: number;
}

const DEFAULT_LIMIT = 20;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Ordered by `idOf`; `ids`: what such an id looks like. @throws ServiceError invalid_request for another cursor. */
export async function readPage<Row>(
  { cursor, limit = DEFAULT_LIMIT }: PageDto,
  read: (bounds: PageBounds) => Promise<Row[]>,
  idOf: (row: Row) => string,
  ids = UUID,
): Promise<{ rows: Row[]; nextCursor: string | null }> {
  const before = cursor === undefined ? undefined : decodeCursor(cursor, ids);
  const found = await read({ before, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { rows, nextCursor: hasMore ? Buffer.from(idOf(last)).toString('base64url') : null };
}

function decodeCursor(cursor: string, ids: RegExp): string {
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!ids.test(id)) throw invalidField('cursor', 'must be the nextCursor of the page before');
  return id;
}
