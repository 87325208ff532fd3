/** What the pods may do to the API server: exactly what the chart grants, and no more. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureRelease, podsOf, releaseName, type Release } from './cluster/release.ts';

let release: Release;
beforeAll(async () => {
  release = await ensureRelease('default');
});

/** Every authenticated caller may review its own rights and read the API's discovery; those rows are not ours. */
const everybodys = /^(selfsubject\w+\.|\s*\[)/;

const rightsOf = async (account: string): Promise<string[]> => {
  const as = `system:serviceaccount:${release.kubectl.namespace}:${account}`;
  const { stdout } = await release.kubectl.run(['auth', 'can-i', '--list', '--as', as]);
  return stdout
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '' && !everybodys.test(line))
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .toSorted();
};

test('the scaler may scale its Deployment, mark its pods, hold its Lease and tell, and nothing else', async () => {
  const worker = `${releaseName}-worker-factorial`;
  expect(await rightsOf(`${releaseName}-scaler`)).toEqual(
    [
      `deployments.apps [] [${worker}] [get]`,
      `deployments.apps/scale [] [${worker}] [get patch]`,
      'events [] [] [create patch]',
      `leases.coordination.k8s.io [] [${releaseName}-scaler] [get patch]`,
      'pods [] [] [get list patch]',
    ].toSorted(),
  );
});

test.each(['api', 'worker-factorial', 'janitor'])('%s may do nothing', async (component) => {
  expect(await rightsOf(`${releaseName}-${component}`)).toEqual([]);
});

test('no pod but those of the api and the scaler holds a token for the API server', async () => {
  const { stdout } = await release.kubectl.run([
    'get',
    'pods',
    '--output',
    String.raw`jsonpath={range .items[*]}{.metadata.labels.app\.kubernetes\.io/component} {.spec.volumes[*].projected.sources[*].serviceAccountToken}{"\n"}{end}`,
  ]);
  const holders = stdout
    .split('\n')
    .filter((line) => line.includes('{') && /\{(?![^}]*audience)[^}]*\}/.test(line))
    .map((line) => line.split(' ')[0]);
  expect(new Set(holders)).toEqual(new Set(['api', 'scaler']));
});

describe('with the admission policy', () => {
  beforeAll(async () => {
    release = await ensureRelease('default', ['--set', 'rbac.admissionPolicy=true']);
  });
  afterAll(async () => {
    release = await ensureRelease('default');
  });

  /** @returns whether the scaler's token would get it through; nothing is changed. */
  const mayPatch = async (component: string, patch: object): Promise<boolean> => {
    const [pod] = await podsOf(release.kubectl, component);
    const as = `system:serviceaccount:${release.kubectl.namespace}:${releaseName}-scaler`;
    const who = ['--as', as, '--dry-run=server'];
    const what = [pod?.metadata.name ?? 'missing', '--type=merge', '--patch', JSON.stringify(patch)];
    const { code } = await release.kubectl.run(['patch', 'pod', ...what, ...who], { alsoGood: [1] });
    return code === 0;
  };

  const annotation = (name: string) => ({ metadata: { annotations: { [name]: '5' } } });
  const cost = annotation('controller.kubernetes.io/pod-deletion-cost');

  test("a stolen token of the scaler's can mark workers, and change nothing else of them or of others", async () => {
    // It takes a moment until the API server has heard of a new policy.
    await waitUntil(async () => !(await mayPatch('api', cost)), {
      timeoutMs: 30_000,
      pollMs: 500,
      what: 'the policy is in force',
    });
    expect(await mayPatch('worker', cost)).toBe(true);
    expect(await mayPatch('worker', annotation('karpenter.sh/do-not-disrupt'))).toBe(false);
    expect(await mayPatch('worker', { metadata: { labels: { 'app.kubernetes.io/component': 'api' } } })).toBe(
      false,
    );
    expect(await mayPatch('worker', { spec: { activeDeadlineSeconds: 1 } })).toBe(false);
  });
});
