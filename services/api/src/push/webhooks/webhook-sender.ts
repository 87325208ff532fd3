/**
 * Takes deliveries that are due and makes them, a limited number at a time. Runs in every api process: who takes one has it for a
 * lease, and one whose sender died is made again when that is over, under the same id.
 */
import { AppError } from '@factorial/core/errors/app-error';
import { toError } from '@factorial/core/errors/to-error';
import type { TakenDelivery, WebhookDeliveries } from '@factorial/core/jobs/webhook';
import type { Service } from '@factorial/core/lifecycle/service';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Logger } from '@factorial/core/ops/logger';
import type { Clock } from '@factorial/core/time/clock';
import type { DeliverWebhook } from './deliver-webhook.ts';
import { createSlots, type SlotLimits } from './slots.ts';
import { shareOf } from './target.ts';
import { createWaitingLine, type HostedDelivery, type LineLimits } from './waiting-line.ts';

export interface WebhookSenderDeps {
  deliveries: Pick<WebhookDeliveries, 'take' | 'putOff'>;
  deliver: DeliverWebhook;
  clock: Clock;
  logger: Logger;
  /** In [0, 1). */
  random: () => number;
  intervalMs?: number;
  limits?: SlotLimits;
  line?: LineLimits;
}

export interface WebhookSender extends Service {
  /** Takes what is due and begins with it. @returns how many deliveries it took and kept. */
  runOnce(): Promise<number>;
  /** Resolves when nothing is under way or in line. */
  settled(): Promise<void>;
}

const usualLimits: SlotLimits = { total: 64, perHost: 8, perOwner: 16 };
const usualLine: LineLimits = { total: 1_024, perHost: 256, waitMs: 10_000 };
/** Above the time in line and that of the longest attempt together. */
const leaseMs = 30_000;
/** Taken in one step, and steps in one run: the rest is for the next. */
const batchSize = 64;
const mostBatches = 20;
/** What finds no place comes again after about this time, later the more of it there is. */
const busyDelayMs = 1_000;
const longestBusyDelayMs = 30_000;
/** What cannot be read is looked at again after this, in case another version of us can. */
const unreadableDelayMs = 600_000;

/**
 * As many come back in a second as find room in a line of their own.
 *
 * @param before those that were put off before it in this run.
 */
const delayFor = (before: number, random: number): number =>
  Math.min(busyDelayMs * (1 + before / usualLine.perHost), longestBusyDelayMs) * (0.5 + random);

export const createWebhookSender = (deps: WebhookSenderDeps): WebhookSender => {
  const { deliveries, logger, random, intervalMs = 500, limits = usualLimits } = deps;
  const slots = createSlots(limits);
  const line = createWaitingLine(deps.clock, deps.line ?? usualLine);
  const underWay = new Set<Promise<void>>();
  const quiet = new AbortController();
  const breakOff = new AbortController();
  let running: Promise<void> | undefined;

  /** Without Redis they are left to whoever takes them after the lease. */
  const putOff = async (
    those: readonly TakenDelivery[],
    delayMs: (index: number) => number,
  ): Promise<void> => {
    await deliveries
      .putOff(those.map(({ id }, index) => ({ id, delayMs: delayMs(index) })))
      .catch((error: unknown) => logger.warn({ err: toError(error) }, 'webhooks not put off'));
  };

  const attempt = async (delivery: TakenDelivery): Promise<void> => {
    try {
      const isKnown = await deps.deliver(delivery, breakOff.signal);
      if (!isKnown) await putOff([delivery], () => 0);
    } catch (thrown) {
      const about = { err: toError(thrown), jobId: delivery.job, deliveryId: delivery.id };
      if (thrown instanceof AppError) {
        logger.warn(about, 'webhook attempt not recorded');
        return;
      }
      logger.error(about, 'webhook attempt failed');
      await putOff([delivery], () => unreadableDelayMs);
    }
  };

  const begin = (delivery: HostedDelivery): void => {
    const release = slots.take(delivery);
    const work = attempt(delivery).finally(() => {
      release();
      underWay.delete(work);
      beginNext();
    });
    underWay.add(work);
  };

  /** More than one may, where its owner had used up its share. */
  const beginNext = (): void => {
    for (;;) {
      const next = line.next((delivery) => slots.isFreeFor(delivery));
      if (next === undefined) return;
      begin(next);
    }
  };

  /** @returns false when there is no place for it, neither on the way nor in line. */
  const place = (delivery: HostedDelivery): boolean => {
    if (!slots.isFreeFor(delivery)) return line.add(delivery);
    begin(delivery);
    return true;
  };

  /** @param before how many were put off in this run so far. */
  const runBatch = async (before: number): Promise<{ taken: number; refused: number }> => {
    const most = Math.min(batchSize, slots.free() + line.room());
    const taken = most > 0 ? await deliveries.take(most, leaseMs) : [];
    const isOver = quiet.signal.aborted;
    const refused = taken.filter(
      (delivery) => isOver || !place({ ...delivery, host: shareOf(delivery.url) }),
    );
    await putOff(refused, (index) => (isOver ? 0 : delayFor(before + index, random())));
    return { taken: taken.length, refused: refused.length };
  };

  const runOnce = async (): Promise<number> => {
    const late = line.overdue();
    await putOff(late, (index) => delayFor(index, random()));
    let kept = 0;
    let busy = late.length;
    for (let batch = 0; batch < mostBatches && !quiet.signal.aborted; batch += 1) {
      const { taken, refused } = await runBatch(busy);
      kept += taken - refused;
      busy += refused;
      if (taken < batchSize) break;
    }
    return kept;
  };

  const settled = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.all(underWay);
  };

  const loop = async (): Promise<void> => {
    // Replicas that were started together do not look together.
    let waitMs = random() * intervalMs;
    while (await sleep(waitMs, quiet.signal)) {
      await runOnce().catch((error: unknown) =>
        logger.warn({ err: toError(error) }, 'webhooks could not be taken'),
      );
      waitMs = intervalMs;
    }
  };

  return {
    name: 'webhook-sender',
    start: async () => {
      running ??= loop();
      await Promise.resolve();
    },
    stop: async (deadline) => {
      quiet.abort();
      const end = (): void => breakOff.abort();
      deadline.addEventListener('abort', end);
      if (deadline.aborted) end();
      await putOff(line.clear(), () => 0);
      await running;
      await settled();
      deadline.removeEventListener('abort', end);
    },
    runOnce,
    settled,
  };
};
