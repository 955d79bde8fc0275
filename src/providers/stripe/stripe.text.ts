/** At most so many characters, the last of them an ellipsis where some are left out; none is cut in two. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
