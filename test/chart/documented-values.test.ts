/** The values that the documents show, as somebody copies them: each has to be one that the chart takes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureHelm } from '../../dev/helm/ensure-helm.ts';
import { chartDir, refusal } from './rendered-chart.ts';

const dir = mkdtempSync(join(tmpdir(), 'documented-values-'));

beforeAll(async () => {
  await ensureHelm();
}, 900_000);
afterAll(() => rmSync(dir, { recursive: true }));

const docs = join(chartDir, '../../docs');
const documents = [
  join(chartDir, 'README.md'),
  join(docs, 'operations.md'),
  join(docs, 'adding-a-task.md'),
].map((file) => ({ name: basename(file), text: readFileSync(file, 'utf8') }));

const examples = documents.flatMap(({ name, text }) =>
  [...text.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, values = ''], index) => ({
    example: `${name} ${index + 1}`,
    values,
  })),
);

test('there are examples', () => {
  expect(examples.map(({ example }) => example)).toEqual(
    expect.arrayContaining(['README.md 1', 'README.md 2', 'adding-a-task.md 1']),
  );
});

test.each(examples)('the chart takes example $example', async ({ example, values }) => {
  const file = join(dir, `${example}.yaml`);
  writeFileSync(file, values);
  expect(await refusal({ files: [file] })).toBe('');
});

test('the values for EKS are refused as long as nobody names a host', async () => {
  const files = [join(chartDir, 'values-eks.yaml')];
  expect(await refusal({ files, set: ['ingress.hosts=null'] })).toContain(
    'ingress.enabled is true and ingress.hosts is empty: name a host.',
  );
});
