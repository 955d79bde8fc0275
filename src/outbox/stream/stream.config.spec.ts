import { describe, expect, it } from '@jest/globals';
import { DiscardPolicy, RetentionPolicy } from '@nats-io/jetstream';
import { streamFault, type StreamRules } from './stream.config.js';

const SOUND: StreamRules = {
  subjects: ['payments.events.>'],
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  discard_new_per_subject: false,
  max_msgs_per_subject: -1,
  no_ack: false,
  sealed: false,
};

describe('a stream that was found', () => {
  it.each([
    ['as agreed', {}],
    ['with wider subjects', { subjects: ['orders.>', 'payments.>'] }],
    ['with a bound per subject that refuses', { max_msgs_per_subject: 5, discard_new_per_subject: true }],
  ])('is taken %s', (_how, change) => {
    expect(streamFault({ ...SOUND, ...change })).toBeUndefined();
  });

  it.each<[string, Partial<StreamRules>]>([
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
