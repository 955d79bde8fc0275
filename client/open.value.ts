/** Known values that complete in an editor, and room for those that a later version adds. */
export type Open<Known extends string> = Known | (string & Record<never, never>);
