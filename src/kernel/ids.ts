import { Injectable } from '@nestjs/common';
import { v5, v7 } from 'uuid';
import { Clock } from './clock.js';

/** Makes UUIDs of version 7: rows sort by the time they were made. */
@Injectable()
export class Ids {
  constructor(private readonly clock: Clock) {}

  next(): string {
    return v7({ msecs: this.clock.now().getTime() });
  }
}

/** Keeps our derived ids apart from everybody else's. Never change it. */
const NAMESPACE = '5a1b5f0e-6f0d-4d8e-9b57-6f1d2c0b7a44';

/** The same UUID v5 for the same thing, anywhere: `derivedId('payment', account, itsIdThere)`. */
export function derivedId(kind: string, ...parts: readonly string[]): string {
  return v5(JSON.stringify([kind, ...parts]), NAMESPACE);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Tells installations apart that share a provider's account. */
export abstract class InstallationId {
  abstract readonly id: string;
}
