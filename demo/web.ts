import { DemoFailure, expectThat } from './demo.failure.js';

const TIMEOUT_MS = 20_000;

interface Answer {
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

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

interface PageForm {
  readonly action: string;
  /** As the page filled them in. */
  readonly fields: URLSearchParams;
}

/** The text of the first element of this tag, or of the element with this role. */
export function textOf(page: Page, tagOrRole: string): string | undefined {
  const element = new RegExp(`<(${tagOrRole}|\\w+[^>]* role="${tagOrRole}")[^>]*>(.*?)</`, 's').exec(
    page.html,
  );
  return element?.[2] === undefined ? undefined : unescape(element[2].replace(/<[^>]*>/g, '').trim());
}

/** Everything that can be read on the page, without the spaces: numbers are written in groups. */
export function lettersOf(page: Page): string {
  return unescape(page.html.replace(/<[^>]*>|\s/g, ''));
}

/** An attribute of the first tag that has it and holds this text. */
export function attributeOf(page: Page, tag: string, name: string, holding = ''): string | undefined {
  for (const [written] of page.html.matchAll(new RegExp(`<${tag}\\b[^>]*>`, 'g'))) {
    const value = attribute(written, name);
    if (value?.includes(holding)) return value;
  }
  return undefined;
}

/** The JSON that a page leaves for its scripts. The shape is the caller's claim. @throws DemoFailure */
export function dataIn<T>(page: Page, id: string): T {
  const text = new RegExp(`<script\\b[^>]* id="${id}"[^>]*>(.*?)</script>`, 's').exec(page.html)?.[1];
  if (text === undefined) throw new DemoFailure(`${page.url} (${page.status}) holds no ${id}`);
  return JSON.parse(text);
}

/** The form whose path ends so. @throws DemoFailure */
function formOf(page: Page, pathEnd: string): PageForm {
  for (const [, tag = '', inside = ''] of page.html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)) {
    const action = new URL(attribute(tag, 'action') ?? '', page.url);
    if (!action.pathname.endsWith(pathEnd)) continue;
    const fields = new URLSearchParams();
    for (const [input] of inside.matchAll(/<input\b[^>]*>/g)) {
      const name = attribute(input, 'name');
      if (name !== undefined) fields.set(name, attribute(input, 'value') ?? '');
    }
    return { action: action.href, fields };
  }
  throw new DemoFailure(`${page.url} (${page.status}) has no form for ${pathEnd}`);
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescape(value);
}

const ENTITIES: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

function unescape(text: string): string {
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

const MAX_REDIRECTS = 5;

/** Opens a page as a browser does, redirects followed. @throws DemoFailure */
export async function openPage(url: string): Promise<Page> {
  return follow(url, await ask(url, { headers: { accept: 'text/html' } }));
}

/**
 * Sends the form whose path ends so, with the fields as the page filled them in and `typed` over them.
 * @throws DemoFailure where the page has no such form or field
 */
export async function submitForm(
  page: Page,
  pathEnd: string,
  typed: Record<string, string> = {},
): Promise<Page> {
  const { action, fields } = formOf(page, pathEnd);
  for (const [name, value] of Object.entries(typed)) {
    expectThat(fields.has(name), `the form on ${page.url} has no field ${name}`);
    fields.set(name, value);
  }
  return follow(action, await ask(action, { method: 'POST', body: fields }));
}

async function follow(url: string, first: Answer): Promise<Page> {
  let at = url;
  let answer = first;
  for (let count = 0; answer.location !== null; count++) {
    if (count === MAX_REDIRECTS) throw new DemoFailure(`${url} redirects without end`);
    at = new URL(answer.location, at).href;
    answer = await ask(at, { headers: { accept: 'text/html' } });
  }
  return { url: at, status: answer.status, html: answer.text };
}
