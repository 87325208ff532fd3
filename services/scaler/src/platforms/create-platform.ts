/** Makes the platform that the configuration names. */
import { assertNever } from '@factorial/core/errors/assert-never';
import type { Logger } from '@factorial/core/ops/logger';
import type { ScalerConfig } from '../config.ts';
import { createKubernetesPlatform } from './kubernetes-platform.ts';
import { createLocalPlatform, type LocalPlatformDeps } from './local-platform.ts';
import type { Platform } from './platform.ts';

export interface CreatePlatformDeps extends LocalPlatformDeps {
  config: ScalerConfig;
  logger: Logger;
}

export const createPlatform = (deps: CreatePlatformDeps): Platform => {
  const { TARGET: target } = deps.config;
  switch (target) {
    case 'local':
      return createLocalPlatform(deps);
    case 'kubernetes':
      return createKubernetesPlatform(deps);
    default:
      return assertNever(target);
  }
};
