/** Places where a crash is interesting: between two steps that a machine may die between. */
export const FAILPOINTS = [
  'webhook-verified',
  'inbox-writing',
  'inbox-committed',
  'apply-inside-transaction',
  'outbox-claimed',
  'event-published',
  'event-acknowledged',
  'orders-published',
  'provider-answered',
  'migration',
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

let armed: string | undefined;

/** Called once at start, never in production. */
export function armFailpoint(name: Failpoint): void {
  armed = name;
}

/** Ends the process as a power cut would, if this place is the armed one. */
export function failpoint(name: Failpoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
