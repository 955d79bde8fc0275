import { isJson, type Json, textOf } from '../json.read.js';

/** Parts of a request that we planned and recorded ourselves: one that is missing is a bug. */
export function recordedText(request: Json, key: string): string {
  const value = textOf(request[key]);
  if (value === undefined) throw new Error(`the recorded request has no ${key}`);
  return value;
}

export function recordedParams(request: Json, key: string): Json {
  const value = request[key];
  if (!isJson(value)) throw new Error(`the recorded request has no ${key}`);
  return value;
}

/** A path with an id, or more, in it. */
export function pathOf(root: string, ...rest: readonly string[]): string {
  return [root, ...rest.map(encodeURIComponent)].join('/');
}
