/** The cluster of `KUBECONFIG`, or one of kind's, made where it is not there yet. */
import { join } from 'node:path';
import { repository } from './release.ts';
import { run } from './run.ts';

const kindCluster = (): string => process.env['KIND_CLUSTER'] ?? 'factorial';

const needed = ['kubectl', 'helm', 'helm3'] as const;

const insistOn = async (program: string): Promise<void> => {
  const arg = program === 'kubectl' ? 'version --client' : 'version';
  await run(program, arg.split(' ')).catch((thrown: unknown) => {
    throw new Error(`${program} is needed on PATH for the cluster tests`, { cause: thrown });
  });
};

const ensureKind = async (): Promise<void> => {
  const { stdout } = await run('kind', ['get', 'clusters']).catch((thrown: unknown) => {
    throw new Error('set KUBECONFIG to a cluster of yours, or install kind and Docker', { cause: thrown });
  });
  if (stdout.split('\n').includes(kindCluster())) return;
  const config = join(repository, 'k8s/kind-config.yaml');
  await run('kind', ['create', 'cluster', '--name', kindCluster(), '--config', config, '--wait', '180s'], {
    timeoutMs: 600_000,
  });
};

/** @throws Error that says what to install or set. */
export const ensureCluster = async (): Promise<void> => {
  for (const program of needed) await insistOn(program);
  if (!process.env['KUBECONFIG']) await ensureKind();
  await run('kubectl', ['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s']);
};
