/** Where the brokers are that the tests' global setup has started. */
import { inject } from 'vitest';

export interface BrokerUrls {
  /** With credentials, without a vhost. */
  amqpUrl: string;
  /** With an administrator's credentials. */
  managementUrl: string;
  /** With credentials. */
  redisUrl: string;
}

export const brokerUrls = (): BrokerUrls => ({
  amqpUrl: inject('amqpUrl'),
  managementUrl: inject('managementUrl'),
  redisUrl: inject('redisUrl'),
});
