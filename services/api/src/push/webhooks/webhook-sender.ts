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
import type { DeliverWebhook } from './deliver-webhook.ts';
import { createSlots } from './slots.ts';

export interface SenderLimits {
  /** At a time, in all. */
  total: number;
  perHost: number;
  perOwner: number;
}

export interface WebhookSenderDeps {
  deliveries: Pick<WebhookDeliveries, 'take' | 'putOff'>;
  deliver: DeliverWebhook;
  logger: Logger;
  /** In [0, 1). */
  random: () => number;
  intervalMs?: number;
  limits?: SenderLimits;
  /** Above the time of the longest attempt. */
  leaseMs?: number;
}

export interface WebhookSender extends Service {
  /** Takes what is due and begins with it. @returns how many deliveries it began. */
  runOnce(): Promise<number>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

const usualLimits: SenderLimits = { total: 64, perHost: 4, perOwner: 16 };
const usualLeaseMs = 30_000;
/** Taken in one step, and steps in one run: the rest is for the next. */
const batchSize = 64;
const mostBatches = 20;
/** What finds its host busy comes again after about this time, later the more of them there are. */
const busyDelayMs = 1_000;
const longestBusyDelayMs = 30_000;
/** What cannot be read is looked at again after this, in case another version of us can. */
const unreadableDelayMs = 600_000;

/** Whatever its port, and whether or not its name ends with a dot: else each way to write it would be a share of its own. */
const hostOf = ({ url }: TakenDelivery): string => URL.parse(url)?.hostname.replace(/\.$/, '') ?? '';

/** The shares of hosts and owners, and how long those wait that find theirs used up. */
const createShares = ({ perHost, perOwner }: SenderLimits, random: () => number) => {
  const hosts = createSlots(perHost);
  const owners = createSlots(perOwner);
  return {
    /** @returns what gives it back; undefined when there is none. */
    take: (delivery: TakenDelivery): (() => void) | undefined => {
      const host = hostOf(delivery);
      const { owner } = delivery;
      if (!hosts.isFree(host) || !owners.isFree(owner)) return undefined;
      hosts.take(host);
      owners.take(owner);
      return () => {
        hosts.release(host);
        owners.release(owner);
      };
    },
    /** @param before those that were put off before it in this run. */
    busyDelayMs: (before: number): number =>
      Math.min(busyDelayMs * (1 + before / perHost), longestBusyDelayMs) * (0.5 + random()),
  };
};

export const createWebhookSender = (deps: WebhookSenderDeps): WebhookSender => {
  const { deliveries, logger, random, intervalMs = 500, limits = usualLimits, leaseMs = usualLeaseMs } = deps;
  const shares = createShares(limits, random);
  const underWay = new Set<Promise<void>>();
  const quiet = new AbortController();
  const breakOff = new AbortController();
  let running: Promise<void> | undefined;

  /** Without Redis the delivery is left to whoever takes it after the lease. */
  const putOff = async ({ id }: TakenDelivery, delayMs: number): Promise<void> => {
    await deliveries
      .putOff([{ id, delayMs }])
      .catch((error: unknown) => logger.warn({ err: toError(error), deliveryId: id }, 'webhook not put off'));
  };

  const attempt = async (delivery: TakenDelivery): Promise<void> => {
    try {
      const isKnown = await deps.deliver(delivery, breakOff.signal);
      if (!isKnown) await putOff(delivery, 0);
    } catch (thrown) {
      const about = { err: toError(thrown), jobId: delivery.job, deliveryId: delivery.id };
      if (thrown instanceof AppError) {
        logger.warn(about, 'webhook attempt not recorded');
        return;
      }
      logger.error(about, 'webhook attempt failed');
      await putOff(delivery, unreadableDelayMs);
    }
  };

  const begin = (delivery: TakenDelivery, release: () => void): void => {
    const work = attempt(delivery).finally(() => {
      release();
      underWay.delete(work);
    });
    underWay.add(work);
  };

  /** @param before how many were put off in this run so far. */
  const runBatch = async (before: number): Promise<{ taken: number; busy: number; isFull: boolean }> => {
    const most = Math.min(batchSize, limits.total - underWay.size);
    if (most <= 0) return { taken: 0, busy: 0, isFull: false };
    const taken = await deliveries.take(most, leaseMs);
    const busy: { id: string; delayMs: number }[] = [];
    for (const delivery of taken) {
      const release = shares.take(delivery);
      if (release) begin(delivery, release);
      else busy.push({ id: delivery.id, delayMs: shares.busyDelayMs(before + busy.length) });
    }
    await deliveries.putOff(busy);
    return { taken: taken.length, busy: busy.length, isFull: taken.length === most };
  };

  const runOnce = async (): Promise<number> => {
    let began = 0;
    let allBusy = 0;
    for (let batch = 0; batch < mostBatches && !quiet.signal.aborted; batch += 1) {
      const { taken, busy, isFull } = await runBatch(allBusy);
      began += taken - busy;
      allBusy += busy;
      if (!isFull) break;
    }
    return began;
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
      await running;
      await settled();
      deadline.removeEventListener('abort', end);
    },
    runOnce,
    settled,
  };
};
