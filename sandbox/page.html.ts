/** Text that is HTML already. Everything else is escaped when it enters a template. */
export class Html {
  constructor(readonly text: string) {}
}

type Piece = string | number | Html | Html[] | null | undefined | false;

/** `` html`<p>${name}</p>` `` escapes every value that is not Html itself. */
export function html(parts: TemplateStringsArray, ...values: Piece[]): Html {
  const text = parts.reduce((done, part, index) => `${done}${pieceText(values[index - 1])}${part}`);
  return new Html(text);
}

function pieceText(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (Array.isArray(piece)) return piece.map((one) => one.text).join('');
  return escaped(String(piece));
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Says whether an address is a whole one that a browser opens by http or https. */
export function isWebUrl(address: string): boolean {
  return URL.canParse(address) && ['http:', 'https:'].includes(new URL(address).protocol);
}

/** An address for `href`; anything but http and https becomes `#`. */
export function safeHref(address: string): string {
  return isWebUrl(address) ? address : '#';
}
