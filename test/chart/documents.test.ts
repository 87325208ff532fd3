/** What is made from the chart and lies in the repository; `npx vitest run test/chart --update` writes it anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ensureHelm } from '../../dev/helm/ensure-helm.ts';
import { chartDir, objectsIn, renderText } from './rendered-chart.ts';
import { valuesTable } from './values-table.ts';

const k8sDir = join(chartDir, '../../k8s');

beforeAll(async () => {
  await ensureHelm();
}, 900_000);

const cell = (text: string): string => text.replaceAll('|', '\\|');

test("the README's table of values is that of values.yaml and the schema", async () => {
  const file = join(chartDir, 'README.md');
  const rows = valuesTable(chartDir).map(({ path, default: value, description }) =>
    value === undefined
      ? `| **${path}** | | ${cell(description)} |`
      : `| \`${path}\` | \`${cell(value)}\` | ${cell(description)} |`,
  );
  const table = ['| value | default | what it is |', '|---|---|---|', ...rows].join('\n');
  const written = readFileSync(file, 'utf8').replace(
    /<!-- values -->[^]*<!-- \/values -->/,
    () => `<!-- values -->\n${table}\n<!-- /values -->`,
  );
  await expect(written).toMatchFileSnapshot(file);
});

const head = `# The default installation for kubectl alone, rendered from charts/factorial with k8s/install-values.yaml.
# Without Helm nobody makes the Secrets and keeps them: make them once, then apply this file, again after each change.
#
#   kubectl create namespace factorial
#   kubectl -n factorial create secret generic factorial-jwt --from-literal=jwt-secret="$(openssl rand -hex 32)"
#   kubectl -n factorial create secret generic factorial-webhooks --from-literal=webhook-keys="$(openssl rand -hex 32)"
#   P=$(openssl rand -hex 16)
#   kubectl -n factorial create secret generic factorial-rabbitmq --from-literal=username=factorial --from-literal=password="$P" \\
#     --from-literal=amqp-url="amqp://factorial:$P@factorial-rabbitmq.factorial.svc:5672" --from-literal=management-url="http://factorial:$P@factorial-rabbitmq.factorial.svc:15672"
#   P=$(openssl rand -hex 16)
#   kubectl -n factorial create secret generic factorial-redis --from-literal=password="$P" --from-literal=redis-url="redis://:$P@factorial-redis:6379"
#   kubectl apply -f k8s/install.yaml
#
# The images are called as \`make image\` calls them. Another registry: helm template factorial charts/factorial --namespace factorial
# --values k8s/install-values.yaml --set image.registry=registry.example.com/team
`;

/** Helm 3 and 4 differ in empty lines alone. */
const withoutEmptyLines = (text: string): string => text.replaceAll(/^\s*\n/gm, '').trimEnd();

test('k8s/install.yaml is the chart with k8s/install-values.yaml', async () => {
  const text = await renderText({ files: [join(k8sDir, 'install-values.yaml')], namespace: 'factorial' });
  expect(objectsIn(text).map(({ kind }) => kind)).not.toContain('Secret');
  await expect(`${head}${withoutEmptyLines(text)}\n`).toMatchFileSnapshot(join(k8sDir, 'install.yaml'));
});
