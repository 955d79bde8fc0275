import { DemoFailure } from './demo.failure.js';

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

export interface PageForm {
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
export function formOf(page: Page, pathEnd: string): PageForm {
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
