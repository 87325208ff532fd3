/** Makes sure that RabbitMQ and Redis can be started: finds them, or installs them where that is ours to do. */
import { canInstall } from '../programs/apt.ts';
import { type BrokerSource, type BrokerSources, findBrokers } from './find-brokers.ts';
import { installBrokers } from './install-brokers.ts';

const missingSentence =
  'RabbitMQ and Redis are needed: install rabbitmq-server (3.10 or later) and redis-server (7 or later), or start Docker, ' +
  'or set AMQP_URL, RABBITMQ_MANAGEMENT_URL and REDIS_URL to ones you have.';

export interface EnsuredBrokers {
  rabbitmq: BrokerSource;
  redis: BrokerSource;
}

const bothOf = ({ rabbitmq, redis }: BrokerSources): EnsuredBrokers | undefined =>
  rabbitmq && redis && { rabbitmq, redis };

/** @throws with one sentence that says what to install. */
export const ensureBrokers = async (env: NodeJS.ProcessEnv): Promise<EnsuredBrokers> => {
  const path = env['PATH'] ?? '';
  const found = await findBrokers(path);
  const both = bothOf(found);
  if (both) return both;
  if (!(await canInstall())) throw new Error(missingSentence);
  await installBrokers([
    ...(found.rabbitmq ? [] : ['rabbitmq-server']),
    ...(found.redis ? [] : ['redis-server']),
  ]);
  const installed = bothOf(await findBrokers(path));
  if (!installed) throw new Error(missingSentence);
  return installed;
};
