/** A copy of these fields alone: what is added to a row later is not shown by accident. */
export function pick<T extends object, Name extends keyof T>(from: T, ...names: Name[]): Pick<T, Name>;
export function pick(from: object, ...names: PropertyKey[]): object {
  return Object.fromEntries(names.map((name) => [name, Reflect.get(from, name)]));
}
