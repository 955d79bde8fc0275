import { type Command, InvalidArgumentError } from 'commander';
import { splitList } from '../config/env.types.js';
import type { EndpointAnswer, RotatedEndpointAnswer } from '../webhooks/endpoint/endpoint.dto.js';
import { isSameUrl } from '../webhooks/endpoint/endpoint.directory.js';
import { type Answer, operatorHere, plain, type Tell, UsageError, withJson } from './cli.answer.js';
import type { InSession, Session } from './cli.session.js';

interface EndpointFlags {
  id?: string | undefined;
  provider?: string;
  url?: string;
  events?: string[];
  json?: boolean;
}

type Ask = (session: Session, flags: EndpointFlags) => Promise<Answer>;

export function addEndpointCommands(program: Command, inSession: InSession, tell: Tell): void {
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

function withChoice(command: Command): Command {
  return withJson(command)
    .argument('[id]', 'as `endpoints list` shows it; or:')
    .option('--provider <name>', 'the one endpoint of this provider')
    .option('--url <url>', 'the one at this URL');
}

function commaList(text: string): string[] {
  const names = splitList(text);
  if (names.length === 0) throw new InvalidArgumentError('It must name an event.');
  return names;
}

const list: Ask = async ({ endpoints }, { provider }) => {
  const data = await endpoints.list(provider);
  return { data: { data }, text: listText(data) };
};

const register: Ask = async ({ endpoints }, { provider = '', url, events }) => {
  const { endpoint, created } = await endpoints.register({ provider, url, events }, operatorHere());
  const said = created ? 'Registered' : 'Registered already:';
  const text = plain(
    `${said} ${endpoint.provider} ${endpoint.id}, ${contentOf(endpoint)}, at ${endpoint.url}`,
  );
  return { data: { ...endpoint, created }, text };
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

/** @throws UsageError unless exactly one endpoint is meant */
async function chosenId({ endpoints }: Session, { id, provider, url }: EndpointFlags): Promise<string> {
  if (id !== undefined) return id;
  if (provider === undefined) throw new UsageError('which endpoint: give its id, or --provider');
  // Without a URL only ours are meant: what others registered is changed by its name alone.
  const fitting = (await endpoints.list(provider)).filter((one) =>
    url === undefined ? one.state !== 'foreign' : isSameUrl(one.url, url),
  );
  const [first, ...others] = fitting;
  if (first !== undefined && others.length === 0) return first.id;
  if (first === undefined)
    throw new UsageError(`${provider} has no such endpoint: \`endpoints list\` shows them all`);
  const told = fitting.map((one) => `${one.id} (${one.url})`).join(', ');
  throw new UsageError(`${provider} has several endpoints, give the id of one: ${told}`);
}

function listText(endpoints: readonly EndpointAnswer[]): string {
  if (endpoints.length === 0) return 'No webhook endpoint is registered.';
  const rows = endpoints.map((one) => {
    const state = one.state === 'registered' && !one.active ? 'inactive' : one.state;
    return [state, one.provider, one.id, one.url, contentOf(one)];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) => plain(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).trimEnd())
    .join('\n');
}

function rotatedText(endpoint: RotatedEndpointAnswer): string {
  const rotated = `Rotated ${endpoint.provider} ${endpoint.id}: the new key is accepted from now on.`;
  if (endpoint.previousKeyEnded)
    return `${rotated} What was signed with the old one is accepted for 24 hours more.`;
  // Of an endpoint that was taken over only the new key is ours, and no rotation of ours ends another.
  return endpoint.keys.length < 2
    ? `${rotated} What was used before is not ours and still at the provider: remove it there.`
    : `${rotated} The provider still has the old one, which stays accepted too: rotate again to end it.`;
}

function contentOf({ events, keys }: EndpointAnswer): string {
  const subscribed = events.length === 0 ? 'all events' : counted(events.length, 'event');
  return `${subscribed}, ${counted(keys.length, 'key')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
