import type { Delivery } from '@factorial/core/queue/job-queue';
import { describe, expect, it } from 'vitest';
import { createWorkInHand } from './work.ts';

const createDelivery = (jobId: string, redelivered = false) => {
  const answers: string[] = [];
  const delivery: Delivery = {
    jobId,
    nonce: `${jobId} nonce`,
    redelivered,
    ack: () => answers.push('ack'),
    requeue: () => answers.push('requeue'),
  };
  return { delivery, answers };
};

describe('work in hand', () => {
  it('takes a message that comes back for the one it has', () => {
    const hand = createWorkInHand();
    const [first, second] = [createDelivery('a'), createDelivery('a', true)];
    const work = hand.take(first.delivery);
    expect(hand.take(second.delivery)).toBeUndefined();
    expect(first.answers).toEqual(['ack']);
    expect(work?.delivery).toBe(second.delivery);
    expect(second.answers).toEqual([]);
  });

  it('takes a job anew whose delivery was spent on a more urgent one', () => {
    const hand = createWorkInHand();
    const spent = hand.take(createDelivery('passed-over').delivery);
    Object.assign(spent ?? {}, { ref: { id: 'urgent', attempt: 1, token: 't' } });
    const again = createDelivery('passed-over', true);
    expect(hand.take(again.delivery)?.delivery).toBe(again.delivery);
    expect(again.answers).toEqual([]);
    expect(hand.all()).toHaveLength(2);
  });

  it('acknowledges a message that comes back of a job that runs here on the delivery of another', () => {
    const hand = createWorkInHand();
    const [first, back] = [createDelivery('passed-over'), createDelivery('urgent', true)];
    const work = hand.take(first.delivery);
    Object.assign(work ?? {}, { ref: { id: 'urgent', attempt: 1, token: 't' } });
    expect(hand.take(back.delivery)).toBeUndefined();
    expect([back.answers, first.answers, work?.delivery]).toEqual([['ack'], [], first.delivery]);
  });

  it('takes such a message in when the run is being stopped: the job may be free again', () => {
    const hand = createWorkInHand();
    const stopping = hand.take(createDelivery('passed-over').delivery);
    Object.assign(stopping ?? {}, { ref: { id: 'urgent', attempt: 1, token: 't' }, stopReason: 'release' });
    expect(hand.take(createDelivery('urgent', true).delivery)).toBeDefined();
  });

  it('takes a further message of a job for another one: the job may have been retried', () => {
    const hand = createWorkInHand();
    const first = createDelivery('a');
    hand.take(first.delivery);
    expect(hand.take(createDelivery('a').delivery)).toBeDefined();
    expect(first.answers).toEqual([]);
  });

  it('does not take a message for one whose run is being stopped', () => {
    const hand = createWorkInHand();
    const stopping = hand.take(createDelivery('a').delivery);
    Object.assign(stopping ?? {}, { ref: { id: 'a', attempt: 1, token: 't' }, stopReason: 'cancel' });
    expect(hand.take(createDelivery('a', true).delivery)).toBeDefined();
    expect(hand.find({ id: 'a', attempt: 1 })).toBe(stopping);
  });
});
