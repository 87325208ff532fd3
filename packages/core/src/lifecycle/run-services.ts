/** Starts a process's services in order, stops them in reverse, and turns signals into that stop. */
import closeWithGrace from 'close-with-grace';
import type { Logger } from '../ops/logger.ts';
import { toError } from '../errors/to-error.ts';
import type { Service } from './service.ts';

export interface RunServicesDeps {
  services: readonly Service[];
  logger: Logger;
  /** How long running work may go on after a stop was asked for, in milliseconds. */
  graceMs: number;
  /** Time for giving work back and closing connections after the grace, in milliseconds. */
  abortMs?: number;
}

/** Starts in order; when one fails, those that had started are stopped again, and the error is thrown. */
export const startServices = async (services: readonly Service[]): Promise<void> => {
  const started: Service[] = [];
  try {
    for (const service of services) {
      started.push(service);
      await service.start();
    }
  } catch (error) {
    await stopServices(started, AbortSignal.abort());
    throw error;
  }
};

/** Stops in reverse order. One that fails to stop does not keep the others from stopping; the first error is returned. */
export const stopServices = async (
  services: readonly Service[],
  deadline: AbortSignal,
): Promise<Error | undefined> => {
  let first: Error | undefined;
  for (const service of services.toReversed()) {
    try {
      await service.stop(deadline);
    } catch (thrown) {
      first ??= toError(thrown);
    }
  }
  return first;
};

/** Runs until SIGTERM, SIGINT or a fatal error; a second signal exits at once. */
export const runServices = async (deps: RunServicesDeps): Promise<void> => {
  const { services, logger, graceMs, abortMs = 5_000 } = deps;
  const grace = closeWithGrace({ delay: graceMs + abortMs, logger: false }, async ({ err, signal }) => {
    if (err) logger.fatal({ err }, 'uncaught error');
    logger.info({ signal, graceMs }, 'stopping');
    const failed = await stopServices(services, AbortSignal.timeout(err ? 1 : graceMs));
    if (failed) logger.error({ err: failed }, 'stop failed');
    logger.info('stopped');
    if (err ?? failed) process.exitCode = 1;
  });
  try {
    await startServices(services);
    logger.info('started');
  } catch (thrown) {
    logger.fatal({ err: toError(thrown) }, 'start failed');
    grace.uninstall();
    process.exitCode = 1;
    // A half-started library may hold a socket open for its own reconnect timer: leave no zombie behind.
    setTimeout(() => process.exit(1), 1_000).unref();
  }
};
