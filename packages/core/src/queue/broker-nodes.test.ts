import { describe, expect, test } from 'vitest';
import { createBrokerNodes } from './broker-nodes.ts';

const first = () => 0;

describe('the addresses of a broker', () => {
  test('are read from a URL as the client library reads it', () => {
    const { current } = createBrokerNodes(['amqps://a%2Fn:p%40s@[::1]/a%2Fb?frameMax=8192'], 10, first);
    expect(current).toEqual({
      protocol: 'amqps',
      hostname: '::1',
      port: 5_671,
      username: 'a/n',
      password: 'p@s',
      vhost: 'a%2Fb',
      locale: 'en_US',
      heartbeat: 10,
      frameMax: 8_192,
      channelMax: 0,
    });
  });

  test('come with guest where no user is named', () => {
    const { current } = createBrokerNodes(['amqp://one'], 10, first);
    expect(current).toMatchObject({ username: 'guest', password: 'guest', port: 5_672, vhost: '' });
  });

  test('are taken in turn from any of them on, in one object', () => {
    const nodes = createBrokerNodes(['amqp://a', 'amqp://b', 'amqp://c'], 10, () => 0.5);
    const { current } = nodes;
    const seen = [current.hostname];
    for (let turn = 0; turn < 3; turn += 1) {
      nodes.next();
      seen.push(current.hostname);
    }
    expect(seen).toEqual(['b', 'c', 'a', 'b']);
  });
});
