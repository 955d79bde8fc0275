import { readFileSync } from 'node:fs';

/** A script of ours as it stands in a page. */
export function pageScript(file: URL): string {
  return readFileSync(file, 'utf8');
}

/** Text of a `<script type="application/json">`: nothing in it can end the element or begin another. */
export function jsonIsland(content: object): string {
  return JSON.stringify(content).replaceAll('<', '\\u003c');
}
