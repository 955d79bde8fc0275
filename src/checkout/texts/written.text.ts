/** Embeddings, overrides and isolates: they turn the direction of what follows. Their ends, too. */
const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text in the order in which it is written. Somebody else's name such as `gpj.exe` behind a right-to-left
 * override would be read as another one. Arabic and Hebrew need no controls: their letters know their direction.
 */
export function withoutDirectionControls(text: string): string {
  return text.replace(DIRECTION_CONTROLS, '');
}
