const NAME = 'stripe-signature';
/** One signature per active secret; Stripe keeps far fewer than this active. */
const MAX_SIGNATURES = 16;
const MAX_LENGTH = 2_048;

export interface SignatureHeader {
  /** Seconds since 1970. */
  timestamp: number;
  /** The header with nothing but the timestamp and the well-formed v1 signatures. */
  value: string;
}

/** The value of the header. Undefined when it is missing, or there twice: which one would count? */
export function signatureHeader(rawHeaders: readonly string[]): string | undefined {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === NAME);
  return values.length === 1 ? values[0] : undefined;
}

/** Undefined for a header that no sender of Stripe's would write, however its signatures are. */
export function parseSignatureHeader(text: string): SignatureHeader | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const parts = text.split(',');
  const timestamps = parts.filter((part) => part.startsWith('t='));
  const signatures = parts.filter((part) => part.startsWith('v1='));
  const [timestamp = ''] = timestamps;
  if (timestamps.length !== 1 || !/^t=\d{1,12}$/.test(timestamp)) return undefined;
  if (signatures.length > MAX_SIGNATURES) return undefined;
  const wellFormed = signatures.filter((part) => /^v1=[0-9a-f]{64}$/.test(part));
  if (wellFormed.length === 0) return undefined;
  return { timestamp: Number(timestamp.slice(2)), value: [timestamp, ...wellFormed].join(',') };
}
