import type { Delivery } from '@factorial/core/queue/job-queue';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createIntake } from './intake.ts';
import { createWorkInHand } from './work.ts';

/** An intake in front of a consumer that takes its time to become quiet. */
const createScene = () => {
  const told: string[] = [];
  const answers: string[] = [];
  const quiet = Promise.withResolvers<void>();
  const hand = createWorkInHand();
  const intake = createIntake({
    consumer: {
      quiet: async () => {
        told.push('quiet');
        await quiet.promise;
      },
      resume: async () => void told.push('resume'),
    },
    hand,
    logger: createRecordedLogger().logger,
    onReady: () => undefined,
  });
  const deliver = (jobId: string): void => {
    const delivery: Delivery = {
      jobId,
      nonce: `${jobId} nonce`,
      redelivered: false,
      ack: () => answers.push(`${jobId} ack`),
      requeue: () => answers.push(`${jobId} requeue`),
    };
    intake.take(delivery);
  };
  const next = (count: number) => intake.next(count).map(({ delivery }) => delivery.jobId);
  return { intake, hand, told, answers, deliver, next, becomeQuiet: quiet.resolve };
};

afterEach(() => vi.useRealTimers());

describe('the intake', () => {
  it('hands deliveries on in the order of their arrival, as many as asked for', () => {
    const { deliver, next } = createScene();
    for (const id of ['a', 'b', 'c']) deliver(id);
    expect([next(-1), next(2), next(2)]).toEqual([[], ['a', 'b'], ['c']]);
  });

  it('gives back what it holds when asked to drain, and what still arrives', async () => {
    const { intake, deliver, answers, next, becomeQuiet } = createScene();
    deliver('a');
    const drained = intake.follow('draining');
    deliver('late');
    expect([answers, next(1)]).toEqual([['late requeue'], []]);
    becomeQuiet();
    await drained;
    expect(answers).toEqual(['late requeue', 'a requeue']);
  });

  it('asks the consumer once for as long as the wish is the same', async () => {
    const { intake, told, becomeQuiet } = createScene();
    becomeQuiet();
    await intake.follow('open');
    await intake.follow('draining');
    await intake.follow('draining');
    await intake.follow('open');
    await intake.follow('open');
    expect(told).toEqual(['quiet', 'resume']);
  });

  it('keeps what it holds when it need not drain any more before the consumer is quiet', async () => {
    const { intake, deliver, answers, next, becomeQuiet } = createScene();
    deliver('a');
    const drained = intake.follow('draining');
    await intake.follow('open');
    becomeQuiet();
    await drained;
    expect([answers, next(1)]).toEqual([[], ['a']]);
  });

  it('stays closed, whatever is wished later', async () => {
    const { intake, told, becomeQuiet } = createScene();
    becomeQuiet();
    await intake.close();
    await intake.follow('open');
    await intake.close();
    expect([told, intake.isOpen()]).toEqual([['quiet'], false]);
  });

  it('has one in line again whose time came while it drained, when it is open before the consumer is quiet', async () => {
    vi.useFakeTimers();
    const { intake, deliver, answers, next, becomeQuiet } = createScene();
    deliver('a');
    const [work] = intake.next(1);
    if (!work) throw new Error('nothing in line');
    intake.putOff(work, 20);
    const drained = intake.follow('draining');
    vi.advanceTimersByTime(20);
    expect(next(1)).toEqual([]);
    await intake.follow('open');
    becomeQuiet();
    await drained;
    expect([answers, next(1)]).toEqual([[], ['a']]);
  });

  it('gives one back whose time came while it drained, when the consumer is quiet', async () => {
    vi.useFakeTimers();
    const { intake, deliver, answers, next, becomeQuiet } = createScene();
    deliver('a');
    const [work] = intake.next(1);
    if (!work) throw new Error('nothing in line');
    intake.putOff(work, 20);
    const drained = intake.follow('draining');
    vi.advanceTimersByTime(20);
    becomeQuiet();
    await drained;
    await intake.follow('open');
    expect([answers, next(1)]).toEqual([['a requeue'], []]);
  });

  it('puts one off until its time has come, and forgets it when it was given back meanwhile', async () => {
    const { intake, hand, deliver, answers, next, becomeQuiet } = createScene();
    becomeQuiet();
    deliver('a');
    const [work] = intake.next(1);
    if (!work) throw new Error('nothing in line');
    intake.putOff(work, 20);
    await intake.follow('draining');
    await intake.follow('open');
    expect([answers, hand.has(work)]).toEqual([['a requeue'], false]);
    deliver('b');
    const [other] = intake.next(1);
    if (!other) throw new Error('nothing in line');
    intake.putOff(other, 30);
    expect(next(1)).toEqual([]);
    // The first one's time has passed by then, too.
    const inLine = await waitUntil(() => next(2).join() || undefined, { what: 'the turn of b' });
    expect(inLine).toBe('b');
  });

  describe('of a paused pool', () => {
    const claiming = () => {
      const scene = createScene();
      scene.deliver('a');
      const [work] = scene.intake.next(1);
      if (!work) throw new Error('nothing in line');
      work.stage = 'claiming';
      return { ...scene, work };
    };

    it('gives a delivery back only when the consumer is quiet: sooner it would come again at once', async () => {
      const { intake, answers, told, work, becomeQuiet } = claiming();
      const given = intake.pause(work);
      expect([intake.isOpen(), intake.isDraining(), told, answers]).toEqual([false, false, ['quiet'], []]);
      becomeQuiet();
      await given;
      expect(answers).toEqual(['a requeue']);
    });

    it('gives a second one back with the first, and one that comes later too', async () => {
      const { intake, answers, deliver, hand, work, becomeQuiet } = claiming();
      deliver('b');
      const [other] = intake.next(1);
      if (!other) throw new Error('nothing in line');
      const both = Promise.all([intake.pause(work), intake.pause(other)]);
      becomeQuiet();
      await both;
      expect([answers.toSorted(), hand.all()]).toEqual([['a requeue', 'b requeue'], []]);
      await intake.follow('open');
      deliver('c');
      const [late] = intake.next(1);
      if (!late) throw new Error('nothing in line');
      late.stage = 'claiming';
      await intake.follow('paused');
      expect(answers).toHaveLength(2);
      await intake.pause(late);
      expect(answers.at(-1)).toBe('c requeue');
    });

    it('has it in line again when the pool is resumed before the consumer is quiet', async () => {
      const { intake, answers, next, work, becomeQuiet } = claiming();
      const given = intake.pause(work);
      await intake.follow('open');
      becomeQuiet();
      await given;
      expect([answers, next(1)]).toEqual([[], ['a']]);
    });

    it('drains when it is asked to, without asking the consumer again, and stays closed until neither is wished', async () => {
      const { intake, told, becomeQuiet } = createScene();
      becomeQuiet();
      await intake.follow('paused');
      expect(intake.isDraining()).toBe(false);
      await intake.follow('draining');
      expect([intake.isDraining(), told]).toEqual([true, ['quiet']]);
      await intake.follow('paused');
      expect([intake.isDraining(), intake.isOpen()]).toEqual([false, false]);
      await intake.follow('open');
      expect([intake.isOpen(), told]).toEqual([true, ['quiet', 'resume']]);
    });
  });
});
