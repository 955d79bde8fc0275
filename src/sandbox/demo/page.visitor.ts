import { DemoFailure, expectThat } from './demo.failure.js';
import { ask, type Answer } from './http.client.js';

const MAX_REDIRECTS = 5;

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

/** Opens a page as a browser does, redirects followed. @throws DemoFailure */
export async function openPage(url: string): Promise<Page> {
  return follow(url, await ask(url, { headers: { accept: 'text/html' } }));
}

/**
 * Sends the form whose action ends so, with the fields as the page filled them in and `typed` over them.
 * @throws DemoFailure where the page has no such form or field
 */
export async function submitForm(
  page: Page,
  actionEnd: string,
  typed: Record<string, string>,
): Promise<Page> {
  const { action, fields } = formOf(page, actionEnd);
  for (const [name, value] of Object.entries(typed)) {
    expectThat(fields.has(name), `the form on ${page.url} has no field ${name}`);
    fields.set(name, value);
  }
  const target = new URL(action, page.url).href;
  return follow(target, await ask(target, { method: 'POST', body: fields }));
}

/** The text of the first element of this tag, or of the element with this role. */
export function textOf(page: Page, tagOrRole: string): string | undefined {
  const element = new RegExp(`<(${tagOrRole}|\\w+[^>]* role="${tagOrRole}")[^>]*>(.*?)</`, 's').exec(
    page.html,
  );
  return element?.[2] === undefined ? undefined : unescape(element[2].replace(/<[^>]*>/g, '').trim());
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

function formOf(page: Page, actionEnd: string): { action: string; fields: URLSearchParams } {
  for (const [, tag = '', inside = ''] of page.html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)) {
    const action = attribute(tag, 'action');
    if (!action?.endsWith(actionEnd)) continue;
    const fields = new URLSearchParams();
    for (const [input] of inside.matchAll(/<input\b[^>]*>/g)) {
      const name = attribute(input, 'name');
      if (name !== undefined) fields.set(name, attribute(input, 'value') ?? '');
    }
    return { action, fields };
  }
  throw new DemoFailure(`${page.url} (${page.status}) has no form for ${actionEnd}`);
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
