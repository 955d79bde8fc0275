const NAME = 'digest';
/** Signatures of keys up to 4,096 bits. */
const MAX_BYTES = 512;

/** The value of the header. Undefined when it is missing, or there twice: which one would count? */
export function digestHeader(rawHeaders: readonly string[]): string | undefined {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === NAME);
  return values.length === 1 ? values[0] : undefined;
}

/**
 * The signature's bytes. Undefined for anything but canonical base64: Node would skip what it does not
 * understand, and many texts would stand for one signature.
 */
export function parseDigest(text: string): Buffer | undefined {
  if (text === '' || text.length > Math.ceil(MAX_BYTES / 3) * 4) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
