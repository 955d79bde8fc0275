import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { NatsSettings } from '../../config/settings.js';
import { EVENT_SUBJECTS } from '../event.envelope.js';

export const STREAM = 'PAYMENTS';

const SUBJECTS = `${EVENT_SUBJECTS}>`;
const DAY_MS = 86_400_000;
const DUPLICATE_WINDOW_MS = 120_000;

/** The stream as it is created where it is missing. */
export function streamConfig(settings: NatsSettings) {
  return {
    name: STREAM,
    subjects: [SUBJECTS],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: nanos(settings.streamMaxAgeDays * DAY_MS),
    num_replicas: settings.streamReplicas,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
  };
}

/** What decides whether a stream may lose an event. */
export type StreamRules = Pick<
  StreamConfig,
  | 'subjects'
  | 'retention'
  | 'discard'
  | 'discard_new_per_subject'
  | 'max_msgs_per_subject'
  | 'no_ack'
  | 'sealed'
>;

/** Why a stream that was found must not be published to: it would lose events. Undefined if it may be. */
export function streamFault(config: StreamRules): string | undefined {
  if (config.sealed) return 'it is sealed';
  if (config.no_ack) return 'no_ack is set: nothing that it stores is acknowledged';
  if (config.discard !== DiscardPolicy.New) {
    return `discard is "${config.discard}": a full stream drops its oldest events; set it to "new"`;
  }
  if (config.retention !== RetentionPolicy.Limits) {
    return `retention is "${config.retention}": events are dropped by what consumers do; it must be "limits"`;
  }
  if (config.max_msgs_per_subject > 0 && !config.discard_new_per_subject) {
    return 'max_msgs_per_subject drops the oldest events of a subject; remove it';
  }
  if (!(config.subjects ?? []).some(covers)) return `its subjects do not cover ${SUBJECTS}`;
  return undefined;
}

/** Whether a pattern takes every subject that starts with `payments.events.` */
function covers(pattern: string): boolean {
  return ['>', '*.>', 'payments.>', '*.*.>', '*.events.>', 'payments.*.>', SUBJECTS].includes(pattern);
}
