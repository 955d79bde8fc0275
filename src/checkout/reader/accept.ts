/** A longer header says nothing that a browser or a program would say. */
const MAX_HEADER = 1_000;

interface Weighted {
  value: string;
  weight: number;
}

/** The values of an Accept header, best first; those with `q=0` are left out. */
export function preferred(header: string | undefined): string[] {
  return weighted(header)
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ value }) => value);
}

/** True for a caller that asks for JSON by name, and not for HTML before it. */
export function wantsJson(header: string | undefined): boolean {
  const { json, html } = ranksOf(header);
  return json >= 0 && (html < 0 || json < html);
}

/** True for a browser that shows what it gets: it asks for HTML by name, and not for JSON before it. */
export function wantsHtml(header: string | undefined): boolean {
  return ranksOf(header).html >= 0 && !wantsJson(header);
}

function ranksOf(header: string | undefined): { json: number; html: number } {
  const types = preferred(header);
  const json = types.findIndex(
    (type) => type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type),
  );
  const html = types.findIndex((type) => type === 'text/html' || type === 'application/xhtml+xml');
  return { json, html };
}

function weighted(header: string | undefined): Weighted[] {
  if (header === undefined || header.length > MAX_HEADER) return [];
  return header.split(',').flatMap((part) => {
    const [value = '', ...parameters] = part.split(';').map((text) => text.trim());
    return value === '' ? [] : [{ value: value.toLowerCase(), weight: weightOf(parameters) }];
  });
}

function weightOf(parameters: readonly string[]): number {
  const quality = parameters.find((parameter) => /^q=/i.test(parameter));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return weight >= 0 && weight <= 1 ? weight : 0;
}
