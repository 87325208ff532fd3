/**
 * Keeps one channel (with what belongs to it) open on a connection. The AMQP client restores connections only: a channel
 * that dies alone, by an error or because its consumer was cancelled, stays dead unless it is opened anew.
 */
import type { ChannelModel } from 'amqplib';
import { toError } from '../errors/to-error.ts';
import { sleep } from '../lifecycle/sleep.ts';
import type { Logger } from '../ops/logger.ts';
import { createRetryPace } from './retry-pace.ts';
import { within } from '../lifecycle/within.ts';

/** An open channel and what is on it. */
export interface KeptChannel {
  /** Resolves with the reason when it is of no use any more; never rejects. */
  readonly ended: Promise<string>;
  /** Takes nothing new, resolves when none can come; ends by itself when nothing is left to do on it. Never rejects. */
  retire(): Promise<void>;
}

export interface ChannelKeeperDeps<Kept extends KeptChannel> {
  open: (connection: ChannelModel) => Promise<Kept>;
  /** Told when there is another channel, and when there is none any more. */
  onChange?: () => void;
  logger: Logger;
  openTimeoutMs?: number;
}

export interface ChannelKeeper<Kept extends KeptChannel> {
  current(): Kept | undefined;
  /** From now on on this connection, until it ends. Resolves after the first try to open, at once while released; never rejects. */
  attach(connection: ChannelModel): Promise<void>;
  /** Opens another, then retires the one there is. Resolves when that is done or there is no connection; never rejects. */
  renew(): Promise<void>;
  /** Retires the one there is and opens no more until it is restored. Resolves when nothing new can come; never rejects. */
  release(): Promise<void>;
  /** Opens one again, where it was released. Resolves after the first try, or when there is no connection; never rejects. */
  restore(): Promise<void>;
}

export const createChannelKeeper = <Kept extends KeptChannel>(
  deps: ChannelKeeperDeps<Kept>,
): ChannelKeeper<Kept> => {
  const { logger, openTimeoutMs = 10_000 } = deps;
  let current: Kept | undefined;
  let connected: ChannelModel | undefined;
  /** Aborted when the connection of the moment has ended, and on release. */
  let lease = new AbortController();
  lease.abort();
  let running: Promise<void> = Promise.resolve();
  let isReleased = false;
  /** Each renewal raises `wanted`; the channel there is was opened for `built`. */
  let wanted = 0;
  let built = 0;
  let change = Promise.withResolvers<void>();

  const tellChange = (): void => {
    change.resolve();
    change = Promise.withResolvers<void>();
  };

  const setCurrent = (next: Kept | undefined): void => {
    current = next;
    deps.onChange?.();
    tellChange();
  };

  const drop = (kept: Kept | undefined): void => {
    if (kept && current === kept) setCurrent(undefined);
  };

  const watch = async (kept: Kept): Promise<void> => {
    const reason = await kept.ended;
    if (current === kept && !isReleased) logger.warn({ reason }, 'channel ended');
    drop(kept);
  };

  const install = (next: Kept): void => {
    const previous = current;
    setCurrent(next);
    void previous?.retire();
    void watch(next);
  };

  const retireLate = async (opening: Promise<Kept>): Promise<void> => {
    const late = await opening.catch(() => undefined);
    await late?.retire();
  };

  /** @returns undefined when it failed or is not wanted any more. */
  const open = async (connection: ChannelModel, end: AbortSignal): Promise<Kept | undefined> => {
    const opening = deps.open(connection);
    try {
      const opened = await within(opening, openTimeoutMs, 'opening a channel');
      if (!end.aborted) return opened;
      await opened.retire();
    } catch (thrown) {
      if (!end.aborted) logger.warn({ err: toError(thrown) }, 'channel could not be opened');
      void retireLate(opening);
    }
    return undefined;
  };

  const openWanted = async (connection: ChannelModel, end: AbortSignal): Promise<boolean> => {
    const version = wanted;
    const opened = await open(connection, end);
    if (!opened) return false;
    built = version;
    install(opened);
    return true;
  };

  const isUpToDate = (): boolean => current !== undefined && built === wanted;

  /** Opens when there is none, and when another is asked for; only what is lost or failed has to wait for its turn. */
  const keep = async (connection: ChannelModel, end: AbortSignal, onTried: () => void): Promise<void> => {
    const pace = createRetryPace();
    let isOpened = true;
    while (!end.aborted) {
      if (isUpToDate()) {
        await change.promise;
      } else {
        if (!current || !isOpened) await sleep(pace.nextDelayMs(performance.now(), Math.random()), end);
        isOpened = !end.aborted && (await openWanted(connection, end));
        onTried();
      }
    }
    onTried();
  };

  const endLease = (ending: AbortController): void => {
    ending.abort();
    tellChange();
  };

  const begin = async (): Promise<void> => {
    if (isReleased || !connected) return;
    endLease(lease);
    lease = new AbortController();
    const firstTry = Promise.withResolvers<void>();
    running = keep(connected, lease.signal, firstTry.resolve);
    await firstTry.promise;
  };

  const attach = async (connection: ChannelModel): Promise<void> => {
    connected = connection;
    connection.once('close', () => {
      if (connected !== connection) return;
      connected = undefined;
      drop(current);
      endLease(lease);
    });
    await begin();
  };

  const renew = async (): Promise<void> => {
    wanted += 1;
    const version = wanted;
    const isDone = () => built >= version || lease.signal.aborted;
    tellChange();
    while (!isDone()) await change.promise;
  };

  const release = async (): Promise<void> => {
    // The one there is now: by the end of the wait another may have been asked for.
    const released = current;
    isReleased = true;
    endLease(lease);
    await running;
    await released?.retire();
  };

  const restore = async (): Promise<void> => {
    if (!isReleased) return;
    isReleased = false;
    // The retired one lives on until its last work is done, but nothing new comes from it.
    setCurrent(undefined);
    await begin();
  };

  return { current: () => current, attach, renew, release, restore };
};
