import { invalidField } from '../kernel/errors.js';

/** The fields that are given: requests are recorded and sent without the others. */
export function given<T extends object>(fields: T): Partial<T>;
export function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** How much metadata a provider keeps beside what we add ourselves. */
export interface MetadataLimits {
  keys: number;
  valueLength: number;
  /** Keys that it refuses, and what they must be instead. */
  refusedKeys?: { pattern: RegExp; rule: string };
  /** The provider's name, for the refusal. */
  at: string;
}

/** @throws ServiceError invalid_request naming `metadata` or the key at fault. */
export function assertMetadataFits(
  metadata: Readonly<Record<string, string>>,
  { keys, valueLength, refusedKeys, at }: MetadataLimits,
): void {
  const entries = Object.entries(metadata);
  if (entries.length > keys) throw invalidField('metadata', `must have at most ${keys} keys at ${at}`);
  for (const [key, value] of entries) {
    if (refusedKeys?.pattern.test(key) === true)
      throw invalidField('metadata', `${refusedKeys.rule} at ${at}`);
    if (value.length > valueLength)
      throw invalidField(`metadata.${key}`, `must be at most ${valueLength} characters at ${at}`);
  }
}
