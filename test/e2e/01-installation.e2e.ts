/** A first installation, as a user makes it: how long it takes, what it asks of the node, and whether it works. */
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { tell } from './cluster/figures.ts';
import {
  connect,
  helm,
  isReady,
  namespace,
  podsOf,
  prepareNamespace,
  releaseName,
  type Release,
  removeRelease,
  upgradeRelease,
  waitUntilServing,
} from './cluster/release.ts';
import { run } from './cluster/run.ts';

let release: Release;
let seconds = Number.NaN;
beforeAll(async () => {
  await removeRelease();
  const kubectl = await prepareNamespace(namespace);
  const began = performance.now();
  await upgradeRelease('default');
  await waitUntilServing(kubectl);
  seconds = (performance.now() - began) / 1_000;
  release = await connect(kubectl);
});

test('is ready within 90 s, in a namespace that enforces restricted pods', async () => {
  tell('helm install → all ready, s', { seconds });
  expect(seconds).toBeLessThanOrEqual(90);
  expect((await podsOf(release.kubectl, 'worker')).filter(isReady)).toHaveLength(1);
});

const requestsSchema = z.looseObject({
  spec: z.looseObject({
    containers: z.array(
      z.looseObject({
        resources: z.looseObject({ requests: z.object({ cpu: z.string(), memory: z.string() }) }),
      }),
    ),
  }),
});

const milliCpu = (text: string): number =>
  text.endsWith('m') ? Number.parseInt(text, 10) : Number(text) * 1_000;
const mebibytes = (text: string): number => {
  const [, number = '', unit = ''] = /^(\d+)(Mi|Gi)$/.exec(text) ?? [];
  return Number(number) * (unit === 'Gi' ? 1_024 : 1);
};

test('asks for at most 1,200m and 900 Mi in all', async () => {
  const pods = await release.kubectl.list(
    requestsSchema,
    'pods',
    `app.kubernetes.io/instance=${releaseName}`,
  );
  const requests = pods.flatMap(({ spec }) => spec.containers.map(({ resources }) => resources.requests));
  const cpu = requests.reduce((sum, request) => sum + milliCpu(request.cpu), 0);
  const memory = requests.reduce((sum, request) => sum + mebibytes(request.memory), 0);
  tell('requests of the default installation', { cpu, memory, pods: pods.length });
  expect(pods.length).toBeGreaterThanOrEqual(5);
  expect(cpu).toBeLessThanOrEqual(1_200);
  expect(memory).toBeLessThanOrEqual(900);
});

test('passes its own tests', async () => {
  const { stdout } = await helm(['test', releaseName, '--logs', '--timeout', '3m']);
  expect(stdout).toMatch(/Phase:\s+Succeeded/);
});

/** The commands of the notes are what stands indented; those up to the first job are for whoever has just installed. */
const firstCommandsIn = (notes: string): string => {
  const commands = notes.split('\n').filter((line) => line.startsWith('  '));
  return commands.slice(0, commands.findIndex((line) => line.includes('/v1/jobs')) + 1).join('\n');
};

test('tells in its notes how to submit a job, and that works when pasted', async () => {
  const { stdout: notes } = await helm(['get', 'notes', releaseName]);
  const script = firstCommandsIn(notes);
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { timeoutMs: 90_000 });
  // 20!, as the notes ask for.
  expect(stdout).toContain('"output":"2432902008176640000"');
});
