import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AllowRoles } from '../../http/access/access.guard.js';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import { InboxWorker } from '../inbox.worker.js';
import { EventDetail, EventList, EventResource, ListEventsDto } from './event.dto.js';
import { EventsService } from './events.service.js';

@ApiTags('operations')
@ApiBearerAuth()
@AllowRoles('operator', 'viewer')
@Controller('events')
export class EventsHttpController {
  constructor(
    private readonly events: EventsService,
    private readonly worker: InboxWorker,
  ) {}

  /** The providers' events as they came in, newest first. */
  @Get()
  list(@Query() query: ListEventsDto): Promise<EventList> {
    return this.events.list(query);
  }

  /** One event, by its number here or the provider's id; for an operator with its body. */
  @Get(':id')
  get(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<EventDetail> {
    return this.events.get(id, caller.roles.includes('operator'));
  }

  /** Has a dead event, or one that waits or was passed over, tried again now. What it says already counts once. */
  @AllowRoles('operator')
  @Post(':id/replay')
  @HttpCode(200)
  async replay(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<EventResource> {
    const event = await this.events.replay(id, caller.name);
    this.worker.wake();
    return event;
  }
}
