/** A Kubernetes cluster: a pool's workers are the pods of a Deployment, and a Lease says which of several scalers acts. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Service } from '@factorial/core/lifecycle/service';
import { createKubernetesClient, type KubernetesClient } from '@factorial/core/kubernetes/kubernetes-client';
import type { Logger } from '@factorial/core/ops/logger';
import type { DeployedPool, KubernetesConfig } from '../config.ts';
import { createAlwaysLeading } from '../leader/always-leading.ts';
import { createKubernetesLease } from '../leader/kubernetes-lease.ts';
import { createLeaderElection } from '../leader/leader-election.ts';
import { createDeploymentApi } from '../targets/kubernetes/deployment-api.ts';
import { createKubernetesTarget } from '../targets/kubernetes/kubernetes-target.ts';
import { createEventRecorder } from '../tell/event-recorder.ts';
import { createEventTeller } from '../tell/event-teller.ts';
import type { Platform } from './platform.ts';

export interface KubernetesPlatformDeps {
  config: KubernetesConfig;
  logger: Logger;
}

/** Longer than any caller's own limit, which is 5 s at most: each names its own. */
const longestCallMs = 10_000;
/** A step that is under way has ended by then, for its calls end at once; giving the Lease back is one call. */
const graceMs = 10_000;

const connect = (config: KubernetesConfig): KubernetesClient =>
  createKubernetesClient({
    url: config.KUBERNETES_API_URL,
    tokenFile: config.KUBERNETES_TOKEN_FILE,
    caFile: config.KUBERNETES_CA_FILE,
    timeoutMs: longestCallMs,
  });

const connection = (client: KubernetesClient): Service => ({
  name: 'kubernetes-client',
  start: async () => Promise.resolve(),
  stop: async () => client.close(),
});

/** One that touches nothing does not take the Lease from one that does. */
const electionFor = ({ config, logger }: KubernetesPlatformDeps, client: KubernetesClient) => {
  const { NAMESPACE: namespace, LEASE_NAME: name, POD_NAME: identity } = config;
  if (config.DRY_RUN) return { leadership: createAlwaysLeading(), inTouch: () => true, services: [] };
  const store = createKubernetesLease({ client, namespace, name, wallClock: Date.now });
  const now = () => performance.now();
  const election = createLeaderElection({ store, identity, logger, now, sleep });
  return { leadership: election, inTouch: election.inTouch, services: [election] };
};

export const createKubernetesPlatform = (deps: KubernetesPlatformDeps): Platform => {
  const { config } = deps;
  const { NAMESPACE: namespace, POD_NAME: identity } = config;
  const pools: readonly DeployedPool[] = config.POOLS;
  const client = connect(config);
  const { leadership, inTouch, services } = electionFor(deps, client);
  return {
    leadership,
    inTouch,
    identity,
    services: () => [connection(client), ...services],
    graceMs,
    pools: pools.map((pool) => ({
      pool,
      create: () => {
        const about = { client, namespace, deployment: pool.deployment };
        const api = createDeploymentApi({ ...about, timeoutMs: config.READ_TIMEOUT_MS });
        const target = createKubernetesTarget({ api, sleep, now: Date.now });
        const recorder = createEventRecorder({ ...about, uid: target.uid, identity, now: Date.now });
        return { target, tell: config.DRY_RUN ? () => undefined : createEventTeller(recorder) };
      },
    })),
  };
};
