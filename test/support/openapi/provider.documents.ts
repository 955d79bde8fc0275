import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * The file of a provider's own OpenAPI document, where there is a copy: `<folder>/<provider>/openapi-*`. The
 * documents are not part of this repository; PROVIDER_DOCUMENTS names the folder they are in.
 */
export function documentFileOf(provider: string): string | undefined {
  const folder = join(process.env.PROVIDER_DOCUMENTS ?? join(REPOSITORY, '../shared/providers'), provider);
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder).filter((name) => /^openapi-.*\.(json|ya?ml)$/.test(name));
  const latest = files.sort().at(-1);
  return latest === undefined ? undefined : join(folder, latest);
}
