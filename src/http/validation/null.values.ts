const MEANT = 'http:null-is-a-value';

/** Null says something here that its absence does not. Everywhere else `null` counts as absent. */
export const NullIsAValue = (): PropertyDecorator => Reflect.metadata(MEANT, true);

/** Deletes, in place, what is null in a DTO and in those that it holds: validation lets null through where a field may be absent. */
export function withoutNulls(dto: unknown): unknown {
  if (Array.isArray(dto)) for (const item of dto) withoutNulls(item);
  if (typeof dto !== 'object' || dto === null || !isInstance(dto)) return dto;
  for (const [name, value] of Object.entries(dto)) {
    if (value !== null) withoutNulls(value);
    else if (Reflect.getMetadata(MEANT, dto, name) !== true) Reflect.deleteProperty(dto, name);
  }
  return dto;
}

/** Not an object of the caller's own keys, such as metadata, nor bytes. */
function isInstance(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null && !ArrayBuffer.isView(value);
}
