import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { describeError } from '../kernel/errors.js';
import { PollLoop } from '../kernel/poll.loop.js';
import { within } from '../kernel/clock.js';
import { ProviderError } from '../providers/provider.errors.js';
import { ProviderRegistry } from '../providers/provider.registry.js';

export interface Round {
  /** Until the next one, where nothing was due. Default: 5 s. */
  readonly idleMs?: number;
  readonly failureMs?: number;
  /** One that hangs holds up no other. */
  readonly perProvider: boolean;
  /** Claims what is due and works on it. Returns how much that was. */
  run(provider: string): Promise<number>;
}

const PAUSE_MS = 5_000;
/** Longer than any provider takes to answer. What is claimed stays claimed for longer than this. */
const TIME_LIMIT_MS = 60_000;
/** The longest call. What is left behind is due again when its claim ends. */
const STOP_LIMIT_MS = 20_000;

/** Goes through its rounds, all of them at once and each at its own pace. */
export class Janitor implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Janitor.name);
  private readonly turns: readonly { round: Round; run: () => Promise<number> }[];
  private readonly loops: readonly PollLoop[];

  constructor(rounds: readonly Round[], providers: ProviderRegistry) {
    this.turns = rounds.flatMap((round) => {
      const names = round.perProvider ? providers.all.map(({ name }) => name) : [''];
      return names.map((name) => ({ round, run: () => round.run(name) }));
    });
    const onError = (error: unknown) => this.logger.error(`a round failed: ${describeError(error)}`);
    this.loops = this.turns.map(
      ({ round: { idleMs = PAUSE_MS, failureMs = PAUSE_MS }, run }) =>
        new PollLoop(run, { idleMs, failureMs, onError }),
    );
  }

  onApplicationBootstrap(): void {
    for (const loop of this.loops) loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    const stopped = Promise.all(this.loops.map((loop) => loop.stop()));
    await within(STOP_LIMIT_MS, stopped).catch((error: unknown) =>
      this.logger.warn(`a round is left unfinished: ${describeError(error)}`),
    );
  }

  /** Each round once, in their order. Returns how many things it looked at. */
  async runOnce(): Promise<number> {
    let count = 0;
    for (const { run } of this.turns) count += await run();
    return count;
  }
}

interface Claimed<T> {
  due: readonly T[];
  work: (one: T) => Promise<void>;
  /** What to log where `work` fails or takes too long. */
  trouble: (one: T) => string;
  /** After an answer, a refusal too. Without one it is due again when its claim ends. */
  answered?: (one: T) => Promise<void>;
}

/** Works on all that was claimed at once. Returns how many they were. */
export async function workOn<T>(
  logger: Logger,
  { due, work, trouble, answered = () => Promise.resolve() }: Claimed<T>,
): Promise<number> {
  const attempt = async (one: T): Promise<void> => {
    try {
      await within(TIME_LIMIT_MS, work(one));
    } catch (error) {
      logger.warn(`${trouble(one)}: ${describeError(error)}`);
      if (!(error instanceof ProviderError) || error.isPassing) return;
    }
    await answered(one);
  };
  await Promise.all(due.map(attempt));
  return due.length;
}
