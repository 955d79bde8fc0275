import type { Socket } from 'node:net';

/**
 * - `reset_before`: the connection breaks and nothing has happened.
 * - `reset_after_acting`: it happened, and the connection breaks before the answer.
 * - `hang_after_acting`: it happened, and the answer never comes until `release()`.
 * - `truncated_json`: it happened, and half of the answer arrives.
 * - `html_200`: nothing happened; a proxy says so in HTML with status 200.
 * - `status`: nothing happened; this status in the provider's error shape.
 * - `delay`: it happens `delayMs` later.
 */
export const FAULT_KINDS = [
  'reset_before',
  'reset_after_acting',
  'hang_after_acting',
  'truncated_json',
  'html_200',
  'status',
  'delay',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultRule {
  kind: FaultKind;
  /** Any method when absent. */
  method?: string;
  /** The beginning of the path; every path when absent. */
  path?: string;
  /** The path must be equal, not only begin so. */
  exact?: boolean;
  /** How many requests it hits; 1 when absent, 0 means until it is cleared. */
  count?: number;
  /** For `status`. */
  status?: number;
  retryAfterSeconds?: number;
  /** For `status`: keep the answer under the idempotency key, so that a repeat gets it again. */
  stored?: boolean;
  /** For `delay`, in milliseconds. */
  delayMs?: number;
}

interface Armed {
  rule: FaultRule;
  left: number;
}

/** The faults that wait for their request, and the connections that they hold open. */
export class Faults {
  private armed: Armed[] = [];
  private readonly held = new Set<Socket>();
  private readonly hits = new Map<FaultKind, number>();

  add(rule: FaultRule): void {
    this.armed.push({ rule, left: rule.count ?? 1 });
  }

  clear(): void {
    this.armed = [];
  }

  /** Rules that can still fire, with what is left of their count (0: no limit). */
  list(): { rule: FaultRule; left: number }[] {
    return this.armed.map(({ rule, left }) => ({ rule, left }));
  }

  /** How often each kind has fired: a fault that never fired proves nothing. */
  fired(): Partial<Record<FaultKind, number>> {
    return Object.fromEntries(this.hits);
  }

  /** The first rule that matches this request, counted down, or undefined. */
  take(method: string, path: string): FaultRule | undefined {
    const found = this.armed.find(({ rule }) => matches(rule, method, path));
    if (!found) return undefined;
    if (found.left > 0) {
      found.left -= 1;
      if (found.left === 0) this.armed = this.armed.filter((one) => one !== found);
    }
    this.hits.set(found.rule.kind, (this.hits.get(found.rule.kind) ?? 0) + 1);
    return found.rule;
  }

  hold(socket: Socket): void {
    this.held.add(socket);
    socket.once('close', () => this.held.delete(socket));
  }

  /** How many connections hang at this moment. */
  get hanging(): number {
    return this.held.size;
  }

  /** Destroys the connections that hang. */
  release(): void {
    for (const socket of this.held) socket.destroy();
    this.held.clear();
  }
}

function matches(rule: FaultRule, method: string, path: string): boolean {
  if (rule.method !== undefined && rule.method.toUpperCase() !== method.toUpperCase()) return false;
  if (rule.path === undefined) return true;
  return rule.exact ? path === rule.path : path.startsWith(rule.path);
}
