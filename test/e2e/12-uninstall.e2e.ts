/** What is left after `helm uninstall`: the volumes, as the documents say, and nothing else. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { beforeAll, expect, test } from 'vitest';
import { ensureRelease, helm, releaseName, type Release, repository } from './cluster/release.ts';

let release: Release;
let doneId = '';
beforeAll(async () => {
  release = await ensureRelease('default');
  doneId = await release.client.accepted({ n: 20 });
  await release.client.waitUntilFinal(doneId);
  await helm(['uninstall', releaseName, '--wait', '--timeout', '3m']);
});

/** Everything that can be listed, but what Kubernetes itself puts into each namespace, and the traces of what was. */
const leftovers = async (): Promise<string[]> => {
  const { stdout: kinds } = await release.kubectl.run([
    'api-resources',
    '--namespaced',
    '--verbs=list',
    '--output=name',
  ]);
  const names = kinds
    .trim()
    .split('\n')
    .filter((kind) => !/^(events|bindings|pods\.metrics)/.test(kind));
  const { stdout } = await release.kubectl.run([
    'get',
    names.join(','),
    '--ignore-not-found',
    '--output=name',
  ]);
  const everywhere = new Set(['configmap/kube-root-ca.crt', 'serviceaccount/default']);
  return stdout
    .trim()
    .split('\n')
    .filter((name) => name !== '' && !everywhere.has(name) && !name.endsWith('-task'));
};

test('leaves the volumes and what belongs to them, which the operations page names', async () => {
  const isExpected = (name: string): boolean =>
    /^(persistentvolumeclaim|secret)\/|^pod\/factorial-test$/.test(name);
  // What is deleted goes in the background, and a worker may take its time.
  await waitUntil(async () => (await leftovers()).every(isExpected), {
    timeoutMs: 90_000,
    pollMs: 1_000,
    what: 'only what is documented is left',
  });
  const left = await leftovers();
  const operations = await readFile(join(repository, 'docs/operations.md'), 'utf8');
  for (const name of left) expect(operations).toContain(name.replace(/^\w+\//, ''));
  expect(left).toContain(`persistentvolumeclaim/data-${releaseName}-redis-0`);
});

test('finds its jobs again when it is installed anew', async () => {
  const { client } = await ensureRelease('default');
  expect(await client.job(doneId)).toMatchObject({ status: 'done', output: '2432902008176640000' });
  const again = await client.accepted({ n: 10 });
  expect((await client.waitUntilFinal(again)).output).toBe('3628800');
});
