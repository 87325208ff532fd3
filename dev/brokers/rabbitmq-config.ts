/** The configuration of a private RabbitMQ: keys that 3.10 and 4.x both know. */

export interface RabbitmqListeners {
  host: string;
  amqpPort: number;
  managementPort: number;
}

export const rabbitmqUser = 'factorial';

/** `guest` never exists: the first start makes the default user, and ours takes its place. */
export const rabbitmqCredentials = (password: string): string =>
  [
    `default_user = ${rabbitmqUser}`,
    `default_pass = ${password}`,
    'default_user_tags.administrator = true',
    '',
  ].join('\n');

/**
 * A small node: absolute marks, because a share of a laptop's or a build machine's memory is not meant for it, and a
 * write-ahead log of 32 MB, because the default of 512 MB is held in memory by quorum queues until it is full.
 */
export const rabbitmqSettings = (listeners: RabbitmqListeners): string =>
  [
    `listeners.tcp.1 = ${listeners.host}:${listeners.amqpPort}`,
    `management.tcp.ip = ${listeners.host}`,
    `management.tcp.port = ${listeners.managementPort}`,
    'vm_memory_high_watermark.absolute = 512MB',
    'disk_free_limit.absolute = 64MB',
    'raft.wal_max_size_bytes = 33554432',
    'collect_statistics_interval = 1000',
    'log.console = true',
    'log.console.level = info',
    'log.file = false',
    '',
  ].join('\n');

/** Nodes of a cluster find each other by this list; a node alone has none. */
export const rabbitmqMembers = (nodeNames: readonly string[]): string =>
  [
    ...(nodeNames.length > 0 ? ['cluster_formation.peer_discovery_backend = classic_config'] : []),
    ...nodeNames.map((name, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${name}`),
    '',
  ].join('\n');
