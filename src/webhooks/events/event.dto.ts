import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageDto } from '../../http/validation/page.dto.js';
import { PlainText } from '../../http/validation/text.rules.js';
import { INBOX_STATES, type InboxState } from '../inbox.tables.js';

/** Which events are wanted, newest first. */
export class ListEventsDto extends PageDto {
  /** `dead` are those that an operator has to look at. */
  @IsOptional()
  @IsIn(INBOX_STATES, { message: `$property must be one of ${INBOX_STATES.join(', ')}` })
  @ApiPropertyOptional({ enum: INBOX_STATES })
  state?: InboxState;

  @IsOptional()
  @PlainText({ max: 40 })
  @ApiPropertyOptional({ maxLength: 40 })
  provider?: string;

  /** The provider's word for what happened, such as `charge.refunded`. */
  @IsOptional()
  @PlainText({ max: 200 })
  @ApiPropertyOptional({ maxLength: 200 })
  type?: string;
}

/** An event of a provider, and what became of it. */
export class EventResource {
  /** Its number in the inbox. */
  id!: string;

  provider!: string;

  /** The provider's id of it. */
  eventId!: string;

  type!: string;

  livemode!: boolean;

  @ApiProperty({ enum: INBOX_STATES })
  state!: InboxState;

  /** What came of it, or why it is dead; null while it waits. */
  outcome!: string | null;

  /** Why it waits; null where it does not. */
  lastError!: string | null;

  attempts!: number;

  /** Attempts that failed while neither the provider nor the database was away. */
  failures!: number;

  /** ISO 8601. */
  receivedAt!: string;

  /** When it is tried next, ISO 8601; null where it is not. */
  nextAttemptAt!: string | null;

  /** ISO 8601. */
  processedAt!: string | null;

  /** False: its body was pruned (RETENTION_DAYS), and it cannot be replayed. */
  replayable!: boolean;
}

export class EventDetail extends EventResource {
  /** The body as the provider sent it; null when it was pruned, or the key is a viewer's. */
  body!: string | null;
}

export class EventList {
  data!: EventResource[];
  /** Hand it back as `cursor` for the next page; null on the last one. */
  nextCursor!: string | null;
}
