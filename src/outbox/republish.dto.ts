import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsOptional, IsUUID } from 'class-validator';
import { IsInstantOrDate } from '../http/validation/text.rules.js';
import { GIVEN_UP } from './outbox.message.js';

/** Which messages leave once more, under the ids that they had: those named, of a span, or given up. */
export class RepublishDto {
  @IsOptional()
  @IsArray({ message: '$property must be a list' })
  @ArrayMinSize(1, { message: '$property must hold at least one id' })
  @ArrayMaxSize(1000, { message: '$property must hold at most 1000 ids' })
  @IsUUID(undefined, { each: true, message: '$property must be ids of messages' })
  ids?: string[];

  /** Written to the outbox at or after this moment (RFC 3339), or this date's midnight in UTC; together with `to`. */
  @IsOptional()
  @IsInstantOrDate()
  from?: string;

  @IsOptional()
  @IsInstantOrDate()
  to?: string;

  /** All that are not tried again by themselves: dead ones, or ones of which nobody knows whether they arrived. */
  @IsOptional()
  @IsIn(GIVEN_UP, { message: `$property must be ${GIVEN_UP.join(' or ')}` })
  state?: (typeof GIVEN_UP)[number];
}

export class RepublishAnswer {
  /** How many messages wait to be sent again. */
  messages!: number;
}
