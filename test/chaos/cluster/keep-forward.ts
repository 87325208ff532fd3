/**
 * A way to a Service that outlives the pods behind it: kubectl's ends with the pod, or leads to where the pod was. Another is
 * opened at the same port.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { forwardPort, type PortForward } from '../../e2e/cluster/port-forward.ts';

export interface KeptForward {
  /** Stays the same. */
  host: string;
  stop(): Promise<void>;
}

const lookEveryMs = 1_000;
const answerMs = 5_000;

/** Whether anybody answers: Redis asks for a password, RabbitMQ's management says that it is no request. */
const isAnswered = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  try {
    socket.write('PING\r\n\r\n');
    await once(socket, 'data', { signal: AbortSignal.timeout(answerMs) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** @throws when it cannot be opened the first time. */
export const keepForward = async (namespace: string, target: string, port: number): Promise<KeptForward> => {
  const over = new AbortController();
  let current = await forwardPort(namespace, target, { port, isQuiet: true });
  const { host, port: localPort } = new URL(current.url);
  const openAgain = async (): Promise<PortForward> => {
    await current.stop();
    // Nobody is there yet: the next look tries again.
    return forwardPort(namespace, target, { port, isQuiet: true, localPort }).catch(() => current);
  };
  const keep = async (): Promise<void> => {
    while (await sleep(lookEveryMs, over.signal)) {
      if (!(await isAnswered(Number(localPort)))) current = await openAgain();
    }
    await current.stop();
  };
  const kept = keep();
  return {
    host,
    stop: async () => {
      over.abort();
      await kept;
    },
  };
};
