import { describe, expect, it } from '@jest/globals';
import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { streamFault } from './stream.config.js';

const SOUND: StreamConfig = {
  name: 'PAYMENTS',
  subjects: ['payments.events.>'],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_consumers: -1,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_age: 0,
  max_bytes: -1,
  max_msg_size: -1,
  num_replicas: 1,
  sealed: false,
  first_seq: 1,
  discard_new_per_subject: false,
  duplicate_window: 0,
  allow_rollup_hdrs: false,
  deny_delete: false,
  deny_purge: false,
  allow_direct: false,
  mirror_direct: false,
};

describe('a stream that was found', () => {
  it.each([
    ['as agreed', {}],
    ['with wider subjects', { subjects: ['orders.>', 'payments.>'] }],
    ['with a bound per subject that refuses', { max_msgs_per_subject: 5, discard_new_per_subject: true }],
  ])('is taken %s', (_how, change) => {
    expect(streamFault({ ...SOUND, ...change })).toBeUndefined();
  });

  it.each<[string, Partial<StreamConfig>]>([
    ['discard', { discard: DiscardPolicy.Old }],
    ['retention', { retention: RetentionPolicy.Interest }],
    ['retention', { retention: RetentionPolicy.Workqueue }],
    ['no_ack', { no_ack: true }],
    ['sealed', { sealed: true }],
    ['max_msgs_per_subject', { max_msgs_per_subject: 5 }],
    ['cover', { subjects: ['payments.events.payment.>'] }],
    ['cover', { subjects: ['payments.events.*'] }],
    ['cover', { subjects: [] }],
  ])('is refused for its %s', (word, change) => {
    expect(streamFault({ ...SOUND, ...change })).toContain(word);
  });
});
