import type { Delivery } from '@factorial/core/queue/job-queue';
import { describe, expect, it } from 'vitest';
import { createWorkInHand } from './work.ts';

const createDelivery = (jobId: string) => {
  const answers: string[] = [];
  const delivery: Delivery = {
    jobId,
    nonce: `${jobId} nonce`,
    redelivered: false,
    ack: () => answers.push('ack'),
    requeue: () => answers.push('requeue'),
  };
  return { delivery, answers };
};

describe('work in hand', () => {
  it('takes the newer of two deliveries of one job for the job it has', () => {
    const hand = createWorkInHand();
    const [first, second] = [createDelivery('a'), createDelivery('a')];
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
    const again = createDelivery('passed-over');
    expect(hand.take(again.delivery)?.delivery).toBe(again.delivery);
    expect(again.answers).toEqual([]);
    expect(hand.all()).toHaveLength(2);
  });

  it('knows the urgent job by its own message', () => {
    const hand = createWorkInHand();
    const spent = createDelivery('passed-over');
    Object.assign(hand.take(spent.delivery) ?? {}, { ref: { id: 'urgent', attempt: 1, token: 't' } });
    expect(hand.take(createDelivery('urgent').delivery)).toBeUndefined();
    expect(spent.answers).toEqual(['ack']);
    expect(hand.find({ id: 'urgent', attempt: 1 })).toBeDefined();
  });
});
