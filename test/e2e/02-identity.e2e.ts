/** Who is let in at the internal port, which workers and the scaler use. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKubectl } from './cluster/kubectl.ts';
import { forwardPort, type PortForward } from './cluster/port-forward.ts';
import { ensureRelease, releaseName, type Release } from './cluster/release.ts';

const audience = 'factorial-internal';
const stranger = createKubectl('factorial-e2e-stranger');

let release: Release;
let internal: PortForward;
beforeAll(async () => {
  release = await ensureRelease('default');
  await stranger.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: stranger.namespace } });
  internal = await forwardPort(release.kubectl.namespace, `service/${releaseName}-api-internal`, 8_081);
});
afterAll(async () => {
  await internal.stop();
  await stranger.run(['delete', 'namespace', stranger.namespace, '--wait=false']);
});

const accountToken = async (
  kubectl: Release['kubectl'],
  account: string,
  ...more: readonly string[]
): Promise<string> =>
  (await kubectl.run(['create', 'token', account, '--audience', audience, ...more])).stdout.trim();

interface Call {
  method?: string;
  path: string;
  token?: string;
  body?: unknown;
}

const call = async ({ method = 'GET', path, token, body }: Call): Promise<number> => {
  const answer = await fetch(`${internal.url}/internal/v1${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(10_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await answer.arrayBuffer();
  return answer.status;
};

const report: Call = { path: '/pools/factorial' };
const worker = `${releaseName}-worker-factorial`;

const beat = (pool: string) => ({ pool, slots: 1, state: 'active', startedAt: 1, held: 0, jobs: [] });

test('is refused without a token, with a token of a client, and with one for another audience', async () => {
  const { stdout } = await release.kubectl.run(['create', 'token', `${releaseName}-scaler`]);
  expect(await call(report)).toBe(401);
  expect(await call({ ...report, token: await release.tokenFor('eve', 'admin') })).toBe(401);
  expect(await call({ ...report, token: stdout.trim() })).toBe(401);
});

test("is refused with another namespace's service account, though the cluster has signed its token", async () => {
  await stranger.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: `${releaseName}-scaler` },
  });
  expect(await call({ ...report, token: await accountToken(stranger, `${releaseName}-scaler`) })).toBe(403);
});

test("lets the scaler read, and a worker do a worker's work only", async () => {
  expect(await call({ ...report, token: await accountToken(release.kubectl, `${releaseName}-scaler`) })).toBe(
    200,
  );
  expect(await call({ ...report, token: await accountToken(release.kubectl, worker) })).toBe(403);
});

test('lets a pod speak for itself alone, and for its own pool alone', async () => {
  const { stdout } = await release.kubectl.run([
    'get',
    'pods',
    '--selector',
    'app.kubernetes.io/component=worker',
    '--output',
    'jsonpath={.items[0].metadata.name}',
  ]);
  const pod = stdout.trim();
  const token = await accountToken(
    release.kubectl,
    worker,
    '--bound-object-kind',
    'Pod',
    '--bound-object-name',
    pod,
  );
  const put = (id: string, pool: string): Call => ({
    method: 'PUT',
    path: `/workers/${id}`,
    token,
    body: beat(pool),
  });
  expect(await call(put('another-pod', 'factorial'))).toBe(403);
  expect(await call(put(pod, 'another-pool'))).toBe(403);
  expect(await call(put(pod, 'factorial'))).toBe(200);
});

test('lets in nobody with a token that nobody has signed', async () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const sub = `system:serviceaccount:${release.kubectl.namespace}:${releaseName}-scaler`;
  const forged = `${part({ alg: 'none' })}.${part({ sub, aud: audience, exp: 4_000_000_000 })}.`;
  expect(await call({ ...report, token: forged })).toBe(401);
});
