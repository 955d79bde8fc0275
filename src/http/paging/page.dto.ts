import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

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
  @IsInt({ message: '$property must be a whole number' })
  @Min(1, { message: '$property must be at least 1' })
  @Max(100, { message: '$property must be at most 100' })
  limit?: number;
}

function isDigits(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,4}$/.test(value);
}
