import { DemoFailure } from './demo.failure.js';

const TIMEOUT_MS = 20_000;

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Where a redirect leads. */
  readonly location: string | null;
}

/** One request, redirects not followed. @throws Error when no answer comes within 20 s */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { ...init, redirect: 'manual', signal });
  return {
    status: response.status,
    text: await response.text(),
    location: response.headers.get('location'),
  };
}

/** @throws DemoFailure for any other status than 2xx */
export async function getJson<T>(url: string): Promise<T> {
  return read(`GET ${url}`, await ask(url));
}

/** @throws DemoFailure for any other status than 2xx */
export async function postJson<T>(
  url: string,
  body: object = {},
  more: Record<string, string> = {},
): Promise<T> {
  const headers = { 'content-type': 'application/json', ...more };
  return read(`POST ${url}`, await ask(url, { method: 'POST', headers, body: JSON.stringify(body) }));
}

/** The shape is the caller's claim: these are the demo's own processes, and what matters is compared. */
function read<T>(what: string, { status, text }: Answer): T {
  if (status < 200 || status > 299) throw new DemoFailure(`${what} was answered ${status}: ${text}`);
  return JSON.parse(text);
}
