/** How tokens of the cluster's service accounts are checked: by the cluster's keys, or by asking the API server about each. */
import { createClusterKeys } from '@factorial/core/auth/cluster-keys';
import { serviceAccountOf } from '@factorial/core/auth/service-account';
import { createTokenReviewer } from '@factorial/core/auth/token-review';
import { createClaimsVerifier, type VerifyToken } from '@factorial/core/auth/verify-token';
import { createKubernetesClient, type KubernetesClient } from '@factorial/core/kubernetes/kubernetes-client';
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import type { Checks } from '@factorial/core/ops/readiness';
import type { Config } from '../config.ts';
import type { ApiMetrics } from '../metrics.ts';
import { callerOf, type ServiceAccounts } from './service-accounts.ts';

export interface ClusterIdentityDeps {
  config: Config;
  logger: Logger;
  metrics: Pick<ApiMetrics, 'clusterKeysRead' | 'tokenReviewed'>;
  audience: string;
}

export interface ClusterIdentity {
  verify: VerifyToken;
  service: Service;
  checks: Checks;
  /** Since the cluster's keys were read; undefined where there are none. */
  keysAgeMs: () => number | undefined;
}

/** A worker's request waits for the API server no longer than this. */
const timeoutMs = 2_000;

type Checked = ClusterIdentityDeps & { accounts: ServiceAccounts; client: KubernetesClient };

const byKeys = ({ logger, metrics, audience, accounts, client }: Checked): ClusterIdentity => {
  const keys = createClusterKeys({ client, logger, onRead: metrics.clusterKeysRead });
  return {
    verify: createClaimsVerifier({ keys, audience }, (claims) =>
      callerOf(accounts, serviceAccountOf(claims)),
    ),
    service: {
      name: keys.name,
      start: async () => keys.start(),
      stop: async (deadline) => {
        const stopped = keys.stop(deadline);
        await client.close();
        await stopped;
      },
    },
    checks: { 'cluster-keys': () => keys.isReady() },
    keysAgeMs: () => keys.ageMs(),
  };
};

const byReview = ({ logger, metrics, audience, accounts, client }: Checked): ClusterIdentity => {
  const reviewing = { client, audience, logger, onReview: metrics.tokenReviewed };
  return {
    verify: createTokenReviewer(reviewing, (account) => callerOf(accounts, account)),
    service: {
      name: 'token-review',
      start: async () => Promise.resolve(),
      stop: async () => client.close(),
    },
    checks: {},
    keysAgeMs: () => undefined,
  };
};

/** @returns undefined where no service account is configured: then nothing is asked of Kubernetes. */
export const createClusterIdentity = (deps: ClusterIdentityDeps): ClusterIdentity | undefined => {
  const { config } = deps;
  const accounts = config.INTERNAL_SERVICE_ACCOUNTS;
  if (accounts === undefined) return undefined;
  const client = createKubernetesClient({
    url: config.KUBERNETES_API_URL,
    tokenFile: config.KUBERNETES_TOKEN_FILE,
    caFile: config.KUBERNETES_CA_FILE,
    timeoutMs,
  });
  const checked = { ...deps, accounts, client };
  return config.INTERNAL_TOKEN_CHECK === 'jwks' ? byKeys(checked) : byReview(checked);
};
