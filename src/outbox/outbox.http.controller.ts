import { Body, Controller, HttpCode, Logger, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Database } from '../database/database.js';
import { AllowRoles } from '../http/access/access.guard.js';
import { type Caller, CurrentCaller } from '../http/access/caller.js';
import { invalidField } from '../kernel/errors.js';
import { OperatorLog } from '../ops/operator.log.store.js';
import type { RepublishSelection } from './outbox.message.js';
import { OutboxSignal } from './outbox.signal.js';
import { OutboxStore } from './outbox.store.js';
import { RepublishAnswer, RepublishDto } from './republish.dto.js';

@ApiTags('operations')
@ApiBearerAuth()
@AllowRoles('operator')
@Controller('outbox')
export class OutboxHttpController {
  private readonly logger = new Logger(OutboxHttpController.name);

  constructor(
    private readonly store: OutboxStore,
    private readonly signal: OutboxSignal,
    private readonly database: Database,
    private readonly log: OperatorLog,
  ) {}

  /** Sends published messages once more, after a broker lost them. Their ids stay, so consumers drop repeats. */
  @Post('republish')
  @HttpCode(200)
  async republish(@Body() body: RepublishDto, @CurrentCaller() caller: Caller): Promise<RepublishAnswer> {
    const selection = selectionOf(body);
    const messages = await this.database.transaction(async (tx) => {
      const again = await this.store.republish(selection, tx);
      const detail = { ...selection, messages: again };
      await this.log.record(tx, { actor: caller.name, action: 'messages.republish', detail });
      return again;
    });
    this.logger.warn(`${caller.name} republishes ${messages} messages`);
    this.signal.wake();
    return { messages };
  }
}

function selectionOf({ ids, from, to, state }: RepublishDto): RepublishSelection {
  if (ids !== undefined) return { ids };
  if (state !== undefined) return { state };
  if (from === undefined) throw invalidField('from', 'is required, or ids or state in its place');
  if (to === undefined) throw invalidField('to', 'is required with from');
  return { from: new Date(from), to: new Date(to) };
}
