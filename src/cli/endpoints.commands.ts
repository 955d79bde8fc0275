import { type Command, InvalidArgumentError } from 'commander';
import { userInfo } from 'node:os';
import { chosenId } from './endpoint.choice.js';
import { listText, registeredText, rotatedText } from './endpoint.text.js';
import type { InSession, Session } from './cli.session.js';

/** Name in the records of whoever asks from here: the operating system's. */
export function operatorHere(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A user without an entry in the system's list, as containers have.
    return `cli:${process.getuid?.() ?? 'unknown'}`;
  }
}

/** An answer for programs, and the same for people. */
export interface Answer {
  data: unknown;
  text: string;
}

interface EndpointFlags {
  provider?: string;
  url?: string;
  events?: string[];
  json?: boolean;
}

type Ask = (session: Session, flags: EndpointFlags & { id?: string | undefined }) => Promise<Answer>;

/** `endpoints list|register|rotate|delete|ping`. */
export function addEndpointCommands(
  program: Command,
  inSession: InSession,
  tell: (answer: Answer, asJson: boolean) => void,
): void {
  const endpoints = program
    .command('endpoints')
    .description(
      'webhook endpoints at the providers: where they send events, and the keys those are signed with',
    );
  const asking = (ask: Ask) => async (id: string | undefined, flags: EndpointFlags) => {
    tell(await inSession((session) => ask(session, { ...flags, id })), flags.json === true);
  };
  const asked = (ask: Ask) => (flags: EndpointFlags) => asking(ask)(undefined, flags);

  withJson(endpoints.command('list'))
    .description('what this service registered, and what exists at the providers only')
    .option('--provider <name>', 'only those of one provider')
    .action(asked(list));
  withJson(endpoints.command('register'))
    .description('have the provider send its events; the service accepts them without a restart')
    .requiredOption('--provider <name>', 'whose events')
    .option('--url <url>', 'where to (default: PUBLIC_URL/webhooks/<provider>)')
    .option('--events <names>', 'comma list (default: all that this service understands)', commaList)
    .action(asked(register));
  withChoice(endpoints.command('rotate'))
    .description(
      'make a new key and end the old one; also takes over an endpoint that somebody else registered',
    )
    .action(asking(rotate));
  withChoice(endpoints.command('delete'))
    .description('delete it at the provider; what it signed is refused from then on')
    .action(asking(remove));
  withChoice(endpoints.command('ping'))
    .description('have the provider send a test event')
    .action(asking(ping));
}

function withJson(command: Command): Command {
  return command.option('--json', 'answer with JSON, for programs');
}

function withChoice(command: Command): Command {
  return withJson(command)
    .argument('[id]', 'as `endpoints list` shows it; or:')
    .option('--provider <name>', 'the one endpoint of this provider')
    .option('--url <url>', 'the one at this URL');
}

function commaList(text: string): string[] {
  const names = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (names.length === 0) throw new InvalidArgumentError('It must name an event.');
  return names;
}

const list: Ask = async ({ endpoints }, { provider }) => {
  const data = await endpoints.list(provider);
  return { data: { data }, text: listText(data) };
};

const register: Ask = async ({ endpoints }, { provider = '', url, events }) => {
  const { endpoint, created } = await endpoints.register({ provider, url, events }, operatorHere());
  return { data: { ...endpoint, created }, text: registeredText(endpoint, created) };
};

const rotate: Ask = async (session, flags) => {
  const data = await session.endpoints.rotate(await chosenId(session, flags), operatorHere());
  return { data, text: rotatedText(data) };
};

const remove: Ask = async (session, flags) => {
  const data = await session.endpoints.delete(await chosenId(session, flags), operatorHere());
  return { data, text: `Deleted ${data.id}.` };
};

const ping: Ask = async (session, flags) => {
  const data = await session.endpoints.ping(await chosenId(session, flags), operatorHere());
  return { data, text: `The provider was asked to send a test event to ${data.id}.` };
};
