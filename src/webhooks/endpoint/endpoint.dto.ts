import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, Matches } from 'class-validator';
import { PlainText } from '../../http/validation/text.rules.js';

const MAX_EVENTS = 300;

/** A webhook endpoint that the provider is to have. */
export class RegisterEndpointDto {
  /** Whose events are wanted. */
  @PlainText({ max: 40 })
  @ApiProperty({ maxLength: 40 })
  provider!: string;

  /** Where they are to be sent. Default: this service's own address, `PUBLIC_URL/webhooks/<provider>`. */
  @IsOptional()
  @PlainText({ max: 2_000 })
  @ApiPropertyOptional({ maxLength: 2_000 })
  url?: string;

  /** Names of the provider's events. Default: all that this service understands. */
  @IsOptional()
  @IsArray({ message: '$property must be a list' })
  @ArrayMinSize(1, { message: '$property must name at least one event' })
  @ArrayMaxSize(MAX_EVENTS, { message: `$property must name at most ${MAX_EVENTS} events` })
  @Matches(/^[\w.*]{1,100}$/, { each: true, message: '$property must be names of events' })
  events?: string[];
}

export class ListEndpointsDto {
  /** Only those of one provider. */
  @IsOptional()
  @PlainText({ max: 40 })
  @ApiPropertyOptional({ maxLength: 40 })
  provider?: string;
}

/** A key that deliveries are verified with; its value is told to nobody. */
export class EndpointKeyAnswer {
  id!: string;

  /** The provider's id of it, where it has one. */
  remoteId!: string | null;

  /** ISO 8601. */
  createdAt!: string;

  /** When it is accepted no longer, ISO 8601; null: it is in use. */
  retiredAt!: string | null;
}

/**
 * `registered`: ours, and the provider has it. `lost`: ours, and the provider has it no more: register it again.
 * `foreign`: made by somebody else, so that this service cannot verify its deliveries by a key of its own.
 */
const ENDPOINT_STATES = ['registered', 'lost', 'foreign'] as const;

export class EndpointAnswer {
  /** By which it is pinged, rotated and deleted. */
  id!: string;

  provider!: string;

  /** The provider's id. */
  remoteId!: string;

  url!: string;

  @ApiProperty({ enum: ENDPOINT_STATES })
  state!: (typeof ENDPOINT_STATES)[number];

  /** The provider delivers to it. */
  active!: boolean;

  livemode!: boolean;

  /** Empty: every event. */
  events!: string[];

  /** Name of the API key that registered it, or `cli:<user>`; null: not registered through this service. */
  createdBy!: string | null;

  /** ISO 8601. */
  createdAt!: string | null;

  keys!: EndpointKeyAnswer[];
}

export class EndpointListAnswer {
  data!: EndpointAnswer[];
}

export class RotatedEndpointAnswer extends EndpointAnswer {
  /** False: the provider still has the old key. Where it is ours it stays accepted, and rotating once more ends it. */
  previousKeyEnded!: boolean;
}

export class DeletedEndpointAnswer {
  id!: string;

  deleted!: boolean;
}

export class PingedEndpointAnswer {
  id!: string;

  /** The provider was asked to send a test event. */
  pinged!: boolean;
}
