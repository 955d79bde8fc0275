import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { within } from '../kernel/clock.js';

const CHECK_LIMIT_MS = 2_000;
/** Anybody inside may ask as often as they like; the database is asked at most four times a second. */
const KEEP_REPORT_MS = 250;

/**
 * `note`: nothing is away, and an operator should know it all the same.
 * `since`: where the check itself knows it better than whoever asks it.
 */
export type Readiness = { ok: true; note?: string } | { ok: false; reason: string; since?: Date | undefined };

/** One thing that the service works with. Each room registers its own. */
export interface ReadinessCheck {
  /** A short word for the answer: `database`, `nats`, `stream`. */
  readonly name: string;
  /** Without it no work may be sent here. Everything else is worked around until it is back. */
  readonly vital?: boolean;
  /** The reason is a plain sentence for an operator, without addresses or secrets. */
  check(): Promise<Readiness>;
}

export interface ReadinessReport {
  /** `unavailable`: no work may be sent here. `degraded`: it may, and something is away. */
  status: 'ok' | 'degraded' | 'unavailable';
  /** `since` is ISO 8601. */
  degraded: { what: string; since: string; reason: string }[];
  /** What an operator should know, and nothing is wrong with. */
  notes: string[];
}

/** What `/health/ready` asks, and whether this process is on its way out. */
@Injectable()
export class ReadinessRegistry implements OnModuleDestroy {
  private readonly checks: ReadinessCheck[] = [];
  private readonly awaySince = new Map<string, Date>();
  private kept: { at: number; report: Promise<ReadinessReport> } | undefined;
  private leaving = false;

  /** @throws Error when a check of that name is there already. */
  register(check: ReadinessCheck): void {
    if (this.checks.some(({ name }) => name === check.name))
      throw new Error(`readiness check ${check.name} is registered twice`);
    this.checks.push(check);
  }

  /** How everything stands, at most a quarter of a second old; what a check does not answer in 2 s is away. */
  report(): Promise<ReadinessReport> {
    const at = performance.now();
    if (this.kept === undefined || at - this.kept.at > KEEP_REPORT_MS) this.kept = { at, report: this.ask() };
    return this.kept.report;
  }

  get shuttingDown(): boolean {
    return this.leaving;
  }

  /** Not ready from now on: no new work is sent here while the work under way is finished. */
  beginShutdown(): void {
    this.leaving = true;
    this.kept = undefined;
  }

  onModuleDestroy(): void {
    this.beginShutdown();
  }

  private async ask(): Promise<ReadinessReport> {
    const answers = await Promise.all(
      this.checks.map(async (check) => ({ check, answer: await answerOf(check) })),
    );
    const degraded = answers.flatMap(({ check, answer }) => this.degradationOf(check.name, answer));
    if (this.leaving) degraded.unshift(...this.degradationOf('process', LEAVING));
    const isVital = this.leaving || answers.some(({ check, answer }) => check.vital && !answer.ok);
    const status = isVital ? 'unavailable' : degraded.length > 0 ? 'degraded' : 'ok';
    const notes = answers.flatMap(({ answer }) => (answer.ok ? (answer.note ?? []) : []));
    return { status, degraded, notes };
  }

  private degradationOf(what: string, answer: Readiness): ReadinessReport['degraded'] {
    if (answer.ok) {
      this.awaySince.delete(what);
      return [];
    }
    const since = answer.since ?? this.awaySince.get(what) ?? new Date();
    this.awaySince.set(what, since);
    return [{ what, since: since.toISOString(), reason: answer.reason }];
  }
}

const LEAVING: Readiness = { ok: false, reason: 'shutting down' };

/** What a failed check throws may name hosts; its own reasons do not. */
async function answerOf(check: ReadinessCheck): Promise<Readiness> {
  const asked = check.check().catch((): Readiness => ({ ok: false, reason: 'the check failed' }));
  const late: Readiness = { ok: false, reason: `the check does not answer within ${CHECK_LIMIT_MS} ms` };
  return within(CHECK_LIMIT_MS, asked).catch(() => late);
}
