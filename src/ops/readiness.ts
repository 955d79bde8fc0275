import { Injectable, type OnModuleDestroy } from '@nestjs/common';

export type Readiness = { ok: true } | { ok: false; reason: string };

/** One thing that the service needs before it should be sent work. Each room registers its own. */
export abstract class ReadinessCheck {
  /** A short word for the answer's key: `database`, `nats`, `stream`. */
  abstract readonly name: string;
  /** The reason is a plain sentence for an operator, without addresses or secrets. */
  abstract check(): Promise<Readiness>;
}

/** What `/health/ready` asks, and whether this process is on its way out. */
@Injectable()
export class ReadinessRegistry implements OnModuleDestroy {
  private readonly registered = new Map<string, ReadinessCheck>();
  private leaving = false;

  /** @throws Error when a check of that name is there already. */
  register(check: ReadinessCheck): void {
    if (this.registered.has(check.name)) throw new Error(`readiness check ${check.name} is registered twice`);
    this.registered.set(check.name, check);
  }

  get checks(): readonly ReadinessCheck[] {
    return [...this.registered.values()];
  }

  get shuttingDown(): boolean {
    return this.leaving;
  }

  /** From now on not ready, so that no new work is sent here while the work under way is finished. */
  beginShutdown(): void {
    this.leaving = true;
  }

  onModuleDestroy(): void {
    this.beginShutdown();
  }
}
