/** Makes the platform that the configuration names. */
import { assertNever } from '@factorial/core/errors/assert-never';
import type { Logger } from '@factorial/core/ops/logger';
import type { ScalerConfig } from '../config.ts';
import { createKubernetesPlatform } from './kubernetes-platform.ts';
import { createLocalPlatform, type LocalPlatformDeps } from './local-platform.ts';
import type { Platform } from './platform.ts';

export interface CreatePlatformDeps extends Omit<LocalPlatformDeps, 'config'> {
  config: ScalerConfig;
  logger: Logger;
}

export const createPlatform = ({ config, ...deps }: CreatePlatformDeps): Platform => {
  switch (config.TARGET) {
    case 'local':
      return createLocalPlatform({ ...deps, config });
    case 'kubernetes':
      return createKubernetesPlatform({ ...deps, config });
    default:
      return assertNever(config);
  }
};
