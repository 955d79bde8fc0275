import { type Command, InvalidArgumentError } from 'commander';
import type { EventResource } from '../webhooks/events/event.dto.js';
import { INBOX_STATES, type InboxState } from '../webhooks/inbox.tables.js';
import type { InSession } from './cli.session.js';
import { type Answer, operatorHere, plain, type Tell, UsageError, withJson } from './cli.answer.js';

interface EventFlags {
  state?: InboxState;
  dead?: boolean;
  provider?: string;
  json?: boolean;
}

const MOST_EVENTS = 100;

export function addEventCommands(program: Command, inSession: InSession, tell: Tell): void {
  withJson(program.command('events'))
    .description(`the providers' events as they came in, newest first, at most ${MOST_EVENTS}`)
    .option('--state <state>', `one of ${INBOX_STATES.join(', ')}`, stateOf)
    .option('--provider <name>', 'only those of one provider')
    .action(async ({ state, provider, json = false }: EventFlags) => {
      const query = { state, provider, limit: MOST_EVENTS };
      const data = await inSession(({ events }) => events.list(query));
      tell({ data, text: data.data.map(lineOf).join('\n') || 'No such event.' }, json);
    });
  withJson(program.command('replay'))
    .description('have an event tried again that was given up; what it says already counts once')
    .argument('[id]', 'its number as `events` shows it, or the provider’s id; or:')
    .option('--dead', 'every dead event')
    .option('--provider <name>', 'with --dead: only those of one provider')
    .action(async (id: string | undefined, flags: EventFlags) => {
      tell(await replayed(inSession, id, flags), flags.json === true);
    });
}

async function replayed(
  inSession: InSession,
  id: string | undefined,
  { dead = false, provider }: EventFlags,
): Promise<Answer> {
  if (dead === (id !== undefined)) throw new UsageError('which event: give its id, or --dead for all');
  const actor = operatorHere();
  if (id !== undefined) {
    const data = await inSession(({ events }) => events.replay(id, actor));
    return { data, text: plain(`Tried again: ${lineOf(data)}`) };
  }
  const data = await inSession(({ events }) => events.replayDead(provider, actor));
  const { revived, withoutBody } = data;
  const left =
    withoutBody === 0 ? '' : ` ${withoutBody} stay dead: their bodies were pruned (RETENTION_DAYS).`;
  return { data, text: `Dead events that are tried again: ${revived}.${left}` };
}

function stateOf(text: string): InboxState {
  const state = INBOX_STATES.find((one) => one === text);
  if (state === undefined) throw new InvalidArgumentError(`It must be one of ${INBOX_STATES.join(', ')}.`);
  return state;
}

function lineOf(event: EventResource): string {
  const why = event.outcome ?? event.lastError ?? '';
  const { id, state, provider, eventId, type, receivedAt } = event;
  return plain([id, state, provider, eventId, type, receivedAt, why].join('  ').trimEnd());
}
