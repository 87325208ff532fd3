/**
 * Deliveries that were taken and find their host or owner busy: they wait here for a short while, so that a target that answers
 * quickly is served one after the other, and not once in every look at Redis.
 */
import type { TakenDelivery } from '@factorial/core/jobs/webhook';
import type { Clock } from '@factorial/core/time/clock';

/** A delivery with the host that it goes to. */
export interface HostedDelivery extends TakenDelivery {
  host: string;
}

export interface LineLimits {
  /** Waiting in all, and of one host: the rest goes back. */
  total: number;
  perHost: number;
  /** Longest time here; well under a delivery's lease, of which an attempt needs its part. */
  waitMs: number;
}

export interface WaitingLine {
  /** @returns false when there is no room for it. */
  add(delivery: HostedDelivery): boolean;
  /** Takes out the first that may begin. */
  next(mayBegin: (delivery: HostedDelivery) => boolean): HostedDelivery | undefined;
  /** Takes out those that have waited for too long. */
  overdue(): HostedDelivery[];
  /** Takes out all. */
  clear(): HostedDelivery[];
  room(): number;
}

export const createWaitingLine = (clock: Clock, { total, perHost, waitMs }: LineLimits): WaitingLine => {
  /** In the order in which they came. */
  const line: { delivery: HostedDelivery; untilMs: number }[] = [];
  const ofHost = new Map<string, number>();

  const take = (start: number, count: number): HostedDelivery[] =>
    line.splice(start, count).map(({ delivery }) => {
      const { host } = delivery;
      const left = (ofHost.get(host) ?? 1) - 1;
      if (left > 0) ofHost.set(host, left);
      else ofHost.delete(host);
      return delivery;
    });

  return {
    add: (delivery) => {
      const count = ofHost.get(delivery.host) ?? 0;
      if (line.length >= total || count >= perHost) return false;
      ofHost.set(delivery.host, count + 1);
      line.push({ delivery, untilMs: clock.now() + waitMs });
      return true;
    },
    next: (mayBegin) => {
      const index = line.findIndex(({ delivery }) => mayBegin(delivery));
      return index < 0 ? undefined : take(index, 1)[0];
    },
    overdue: () => {
      const now = clock.now();
      const first = line.findIndex(({ untilMs }) => untilMs > now);
      return take(0, first < 0 ? line.length : first);
    },
    clear: () => take(0, line.length),
    room: () => total - line.length,
  };
};
