import type { EmbeddedCheckout } from '../../providers/embedded.port.js';
import type { PageLoads } from '../page/page.policy.js';

/**
 * What a page with a provider's form runs and loads.
 * @param scripts the inline ones, in their order in the page
 * @param connect whom our own scripts talk to
 */
export function formLoads(
  { scriptUrl, sources }: EmbeddedCheckout,
  scripts: readonly string[],
  connect: readonly string[] = [],
): PageLoads {
  return {
    scripts,
    sources: {
      script: [new URL(scriptUrl).origin, ...sources.script],
      frame: sources.frame,
      connect: [...connect, ...sources.connect],
      img: sources.image,
    },
    inlineStyle: sources.inlineStyle,
  };
}
