/** Reaches a port inside the cluster from here, for as long as it is needed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface PortForward {
  url: string;
  stop: () => Promise<void>;
}

export interface ForwardedPort {
  port: number;
  /** Default: any that is free. */
  localPort?: string;
  /** Says nothing of connections that break. */
  isQuiet?: boolean;
}

/** @param target `service/name` or `pod/name`. @throws when kubectl ends before it listens. */
export const forwardPort = async (
  namespace: string,
  target: string,
  port: number | ForwardedPort,
): Promise<PortForward> => {
  const { port: remotePort, localPort = '', isQuiet = false } = typeof port === 'number' ? { port } : port;
  const ports = `${localPort}:${remotePort}`;
  const args = ['--namespace', namespace, 'port-forward', '--address', '127.0.0.1', target, ports];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', isQuiet ? 'ignore' : 'inherit'] });
  const ended = once(child, 'exit');
  const signal = AbortSignal.timeout(10_000);
  const lines = createInterface({ input: child.stdout, signal });
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  for await (const line of lines) {
    const local = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (local === undefined) continue;
    // A line for each connection: unread, they would fill the pipe.
    child.stdout.resume();
    return { url: `http://127.0.0.1:${local}`, stop };
  }
  await stop();
  throw new Error(`no way to ${target} port ${remotePort}`);
};
