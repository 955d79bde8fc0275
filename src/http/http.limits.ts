/** The largest body taken, in bytes; the provider's webhooks and our own callers stay far below. */
export const MAX_BODY_BYTES = 1_048_576;

/** Deeper JSON is refused: the validators walk it by recursion. */
export const MAX_JSON_DEPTH = 32;

/** Fields of one object. The validators take a time that grows with the square of the unknown ones. */
export const MAX_JSON_FIELDS = 200;

/** Fields of one form, and entries of one list in it. */
export const MAX_FORM_FIELDS = 5_000;
export const MAX_FORM_LIST = 1_000;

/** Of one name in a path, as it is written there: 250 characters, each of them escaped. */
export const MAX_PARAM_LENGTH = 3_000;

/** A client that sends its headers or its body too slowly is cut off after this long (milliseconds). */
export const HEADERS_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 15_000;

/** Longer than the usual proxies (60 s) keep theirs, so that it is never us who close a connection in use. */
export const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/**
 * A connection on which nothing at all moves. Above the slowest answer (a provider's call), and above the
 * keep-alive time.
 */
export const CONNECTION_TIMEOUT_MS = 75_000;

/** Bytes of all headers together. */
export const MAX_HEADER_BYTES = 16_384;

/** Open sockets of one process; beyond it new ones are closed at once. */
export const MAX_CONNECTIONS = 10_000;
