/** Three nodes of RabbitMQ on this machine that form a cluster, each of which can be killed and started again. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRestartable, type Restartable } from '../system/restartable.ts';
import { ensureBrokers } from './ensure-brokers.ts';
import { freePort } from './free-port.ts';
import { startEpmd } from './rabbitmq-program.ts';
import { type RabbitmqBroker, startRabbitmq } from './start-rabbitmq.ts';

export interface RabbitmqNode extends Restartable {
  /** As the cluster calls it. */
  name: string;
  url: () => string;
  managementUrl: () => string;
}

export interface RabbitmqCluster {
  nodes: readonly RabbitmqNode[];
  /** Comma-separated, as AMQP_URL and RABBITMQ_MANAGEMENT_URL take them. */
  amqpUrls: () => string;
  managementUrls: () => string;
  /** SIGKILL to all of it. */
  kill: () => Promise<void>;
}

const names = ['a', 'b', 'c'].map((letter) => `factorial-${letter}@localhost`);

/** @param dir exists; a folder a node is made in it. */
export const startRabbitmqCluster = async (dir: string): Promise<RabbitmqCluster> => {
  const { rabbitmq: source } = await ensureBrokers(process.env);
  const epmdPort = await freePort(Math.random);
  const secrets = {
    cookie: randomBytes(20).toString('hex').toUpperCase(),
    password: randomBytes(24).toString('base64url'),
  };
  const epmd = await startEpmd(epmdPort, join(dir, 'epmd.log'));

  const createNode = (nodeName: string): RabbitmqNode => {
    let broker: RabbitmqBroker | undefined;
    const dataDir = join(dir, nodeName);
    const member = { nodeName, nodeNames: names, epmdPort, ...secrets };
    const restartable = createRestartable(async () => {
      broker = await startRabbitmq({ source, dataDir, member });
      return broker;
    });
    return {
      ...restartable,
      name: nodeName,
      url: () => broker?.url ?? '',
      managementUrl: () => broker?.managementUrl ?? '',
    };
  };

  const nodes = names.map(createNode);
  const kill = async (): Promise<void> => {
    await Promise.all(nodes.map(async (node) => node.kill()));
    await epmd.kill();
  };
  try {
    await Promise.all(names.map(async (name) => mkdir(join(dir, name), { recursive: true })));
    // One first, which the others join: of nodes that all start together none knows whom to join.
    const [first, ...others] = nodes;
    await first?.start();
    await Promise.all(others.map(async (node) => node.start()));
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    nodes,
    amqpUrls: () => nodes.map(({ url }) => url()).join(','),
    managementUrls: () => nodes.map(({ managementUrl }) => managementUrl()).join(','),
    kill,
  };
};
