import { describe } from '@jest/globals';
import { documentFileOf } from './provider.documents.js';

/** A suite that needs a provider's own document, and is skipped by a name that says so where there is no copy. */
export function describeDocument(provider: string, name: string, suite: () => void): void {
  if (documentFileOf(provider) !== undefined) describe(name, suite);
  else describe.skip(`${name} (skipped: PROVIDER_DOCUMENTS has no copy of it)`, suite);
}
