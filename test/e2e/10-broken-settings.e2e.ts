/** What an operator sees of settings that cannot work: pods that say what is missing, instead of restarting for ever. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  ensureRelease,
  isReady,
  podsOf,
  type Pod,
  releaseName,
  type Release,
  upgradeRelease,
} from './cluster/release.ts';

let release: Release;
beforeAll(async () => {
  release = await ensureRelease('naps');
});

const readinessSchema = z.object({ status: z.string(), failing: z.array(z.string()) });

const tellReadiness = `fetch('http://localhost:9090/readyz').then(async (answer) => console.log(await answer.text()))`;

/** Asked from inside the pod: kubectl keeps the body of a 503 to itself. */
const readinessOf = async ({ metadata }: Pod): Promise<readonly string[]> => {
  const { stdout } = await release.kubectl.run([
    'exec',
    metadata.name,
    '--',
    'node',
    '--eval',
    tellReadiness,
  ]);
  return readinessSchema.safeParse(JSON.parse(stdout)).data?.failing ?? [];
};

interface Fault {
  component: string;
  setting: string;
  /** The check that fails. */
  failing: string;
  log: RegExp;
}

const faults: readonly Fault[] = [
  {
    component: 'worker',
    setting: `pools.factorial.extraEnv.AMQP_URL=amqp://factorial:wrong@${releaseName}-rabbitmq:5672`,
    failing: 'consuming',
    log: /ACCESS_REFUSED|403/,
  },
  {
    component: 'scaler',
    setting: `scaler.extraEnv.RABBITMQ_MANAGEMENT_URL=http://factorial:wrong@${releaseName}-rabbitmq:15672`,
    failing: 'queue',
    log: /answered 401/,
  },
  {
    component: 'api',
    setting: `api.extraEnv.REDIS_URL=redis://:wrong@${releaseName}-redis:6379`,
    failing: 'redis',
    log: /WRONGPASS|invalid username-password/,
  },
];

describe('a wrong password', () => {
  let before: ReadonlySet<string>;
  beforeAll(async () => {
    before = new Set((await podsOf(release.kubectl)).map(({ metadata }) => metadata.name));
    await upgradeRelease(
      'naps',
      faults.flatMap(({ setting }) => ['--set', setting]),
    );
  });
  afterAll(async () => {
    release = await ensureRelease('naps');
  });

  const freshPods = async (component: string): Promise<Pod[]> =>
    (await podsOf(release.kubectl, component)).filter(
      ({ metadata, status }) => !before.has(metadata.name) && status.phase === 'Running',
    );

  test.each(faults)('shows in readiness and log of $component, and restarts nothing', async (fault) => {
    const { component, failing, log } = fault;
    const pod = await waitUntil(
      async () => {
        for (const fresh of await freshPods(component))
          if (!isReady(fresh) && (await readinessOf(fresh)).includes(failing)) return fresh;
        return undefined;
      },
      { timeoutMs: 90_000, pollMs: 1_000, what: `a ${component} says ${failing}` },
    );
    const { stdout } = await release.kubectl.run(['logs', pod.metadata.name]);
    expect(stdout).toMatch(log);
    expect(stdout).not.toContain('wrong@');
    expect(pod.status.containerStatuses.map(({ restartCount }) => restartCount)).toEqual([0]);
  });

  test('keeps the api that serves from being replaced', async () => {
    expect((await release.client.call('/v1/queue')).status).toBe(200);
  });
});

test('a Secret that is not there is named by the pod that needs it', async () => {
  await upgradeRelease('naps', ['--set', 'auth.existingSecret=nowhere']);
  await waitUntil(
    async () => {
      const { stdout } = await release.kubectl.run([
        'get',
        'events',
        '--output',
        'jsonpath={.items[*].message}',
      ]);
      return stdout.includes('secret "nowhere" not found');
    },
    { timeoutMs: 60_000, pollMs: 1_000, what: 'the Event' },
  );
  expect((await release.client.call('/v1/queue')).status).toBe(200);
  await ensureRelease('naps');
});
