// The global it reads is declared there; a type import leaves nothing to load.
import type {} from './global-setup.ts';

/** After the last test: the Postgres of the run is gone, its data too. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.testPostgres?.stop();
}
