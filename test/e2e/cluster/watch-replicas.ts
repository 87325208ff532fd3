/** Follows a Deployment's wanted number of pods, with the time at which each change became visible. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ReplicaChange {
  /** ms since the epoch. */
  at: number;
  replicas: number;
}

export interface ReplicaWatch {
  /** What it was when the watch began, then each change. */
  changes: readonly ReplicaChange[];
  now: () => number;
  stop: () => Promise<void>;
}

const parse = (line: string): number => (line === '' ? 0 : Number(line));

export const watchReplicas = async (namespace: string, deployment: string): Promise<ReplicaWatch> => {
  const format = String.raw`jsonpath={.spec.replicas}{"\n"}`;
  const args = ['--namespace', namespace, 'get', 'deployment', deployment, '--watch', '--output', format];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const changes: ReplicaChange[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const replicas = parse(line);
    if (changes.at(-1)?.replicas !== replicas) changes.push({ at: Date.now(), replicas });
  });
  await once(lines, 'line', { signal: AbortSignal.timeout(10_000) });
  return {
    changes,
    now: () => changes.at(-1)?.replicas ?? 0,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
};
