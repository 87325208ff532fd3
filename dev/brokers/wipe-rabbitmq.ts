/** Takes all that a private RabbitMQ has stored, as the loss of its disk would: queues, messages, users. It keeps its ports and password. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { containerName } from './container.ts';
import type { RabbitmqctlTarget } from './rabbitmqctl.ts';

/** It must not run. The next start makes it anew. */
export const wipeRabbitmq = async ({ source, dataDir }: RabbitmqctlTarget): Promise<void> => {
  if (source.kind === 'program') await rm(join(dataDir, 'mnesia'), { recursive: true });
  else await promisify(execFile)('docker', ['volume', 'rm', containerName(dataDir)], { timeout: 20_000 });
};
