import type { EndpointAnswer } from '../webhooks/endpoint/endpoint.dto.js';
import { isSameUrl } from '../webhooks/endpoint/endpoint.directory.js';
import { UsageError } from './cli.failure.js';
import type { Session } from './cli.session.js';

export interface EndpointChoice {
  id?: string | undefined;
  provider?: string | undefined;
  url?: string | undefined;
}

/** The id of the endpoint that is meant. @throws UsageError unless it is exactly one */
export async function chosenId(
  { endpoints }: Session,
  { id, provider, url }: EndpointChoice,
): Promise<string> {
  if (id !== undefined) return id;
  if (provider === undefined) throw new UsageError('which endpoint: give its id, or --provider');
  const fitting = (await endpoints.list(provider)).filter((one) => fits(one, url));
  const [first, ...others] = fitting;
  if (first !== undefined && others.length === 0) return first.id;
  const told = fitting.map((one) => `${one.id} (${one.url})`).join(', ');
  throw new UsageError(
    first === undefined
      ? `${provider} has no such endpoint: \`endpoints list\` shows them all`
      : `${provider} has several endpoints, give the id of one: ${told}`,
  );
}

/** Without a URL only ours are meant: what others registered is changed by its name alone. */
function fits(endpoint: EndpointAnswer, url: string | undefined): boolean {
  return url === undefined ? endpoint.state !== 'foreign' : isSameUrl(endpoint.url, url);
}
