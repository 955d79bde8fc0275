import { DemoFailure, expectThat } from './demo.failure.js';
import { ask, type Answer } from './http.client.js';
import { formOf, type Page } from './page.reader.js';

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
