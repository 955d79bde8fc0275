import { v5, v7 } from 'uuid';
import type { Clock } from './clock.js';

/** Makes identifiers. UUID v7, so that rows sort by the time they were made. */
export abstract class Ids {
  abstract next(): string;
}

export class UuidV7Ids extends Ids {
  constructor(private readonly clock: Clock) {
    super();
  }

  next(): string {
    return v7({ msecs: this.clock.now().getTime() });
  }
}

/** Any UUID, the same for ever: it keeps our derived ids apart from everybody else's. */
const NAMESPACE = '5a1b5f0e-6f0d-4d8e-9b57-6f1d2c0b7a44';

/**
 * The id (UUID v5) that the same thing has whenever and wherever it is heard of, such as
 * `derivedId('payment', account, itsIdThere)`.
 * @param kind what it is an id of; two kinds never share one.
 */
export function derivedId(kind: string, ...parts: readonly string[]): string {
  return v5(JSON.stringify([kind, ...parts]), NAMESPACE);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Of any version: what a column of the type takes. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Which installation of this service it is, among those that may share a provider's account. */
export abstract class InstallationId {
  abstract readonly id: string;
}
