/**
 * Targets that lead to this machine or to a cluster, in all the ways in which one can be written or hidden. A real server listens
 * on every address of the machine: nothing ever connects to it, but where it is allowed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, startWebhookReceiver, type WebhookReceiver } from '../../testing/webhook-receiver.ts';
import { cidrs, createAddressPolicy } from './allowed-addresses.ts';
import { createPostWebhook, type PostResult } from './post-webhook.ts';
import { faultOfTarget, type ResolveName, type TargetPolicy } from './target.ts';

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startWebhookReceiver(0, '::');
});
afterAll(async () => receiver.close());

const policyWith = (allowed?: string): TargetPolicy => ({
  allowHttp: true,
  allowsAddress: createAddressPolicy(allowed === undefined ? [] : cidrs().parse(allowed)),
});

/** What a name server of an attacker's says. */
const names: Readonly<Record<string, readonly string[]>> = {
  'loopback.example.com': ['127.0.0.1'],
  'loopback6.example.com': ['::1'],
  'private.example.com': ['10.0.0.1'],
  'metadata.example.com': ['169.254.169.254'],
  'metadata.google.internal': ['169.254.169.254'],
  'mapped.example.com': ['::ffff:127.0.0.1'],
  'nat64.example.com': ['64:ff9b::7f00:1'],
  'zone.example.com': ['fe80::1%lo'],
  'unspecified.example.com': ['0.0.0.0'],
  'no-address.example.com': ['localhost'],
  'mixed.example.com': ['93.184.215.14', '127.0.0.1'],
  'mixed6.example.com': ['2606:4700:4700::1111', 'fd00::1'],
  'factorial-redis': ['10.96.12.7'],
  'factorial-redis.jobs.svc.cluster.local': ['10.96.12.7'],
  'kubernetes.default.svc': ['10.96.0.1'],
  'dotted.example.com.': ['127.0.0.1'],
};
const resolve: ResolveName = async (name) => Promise.resolve(names[name] ?? []);

const post = async (url: string, policy = policyWith(), ask = resolve): Promise<PostResult> => {
  const send = createPostWebhook({ policy, resolve: ask, timeoutMs: 2_000 });
  return send({ url, headers: {}, body: '{}', signal: new AbortController().signal });
};

const expectUntouched = async (work: () => Promise<void>): Promise<void> => {
  const before = receiver.connections();
  await work();
  expect(receiver.connections()).toBe(before);
};

/** Told by the URL alone: refused at the submission. */
const plain = [
  'http://127.0.0.1:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.0.0.1:PORT/',
  'http://0X7F.0x0.0x0.0x1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://017700000001:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://127.0.0.2:PORT/',
  'http://127.255.255.254:PORT/',
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://１２７。０。０。１:PORT/',
  'http://%31%32%37.0.0.1:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://[::1]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[::]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[fe80::1]:PORT/',
  'http://[fe80::1%25lo]:PORT/',
  'http://[fc00::1]:PORT/',
  'http://localhost:PORT/',
  'http://LOCALHOST:PORT/',
  'http://localhost.:PORT/',
  'http://api.localhost:PORT/',
  'http://ⓛocalhost:PORT/',
  'http:\\\\127.0.0.1:PORT\\',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://100.100.100.200/latest/meta-data/',
  'http://10.96.0.1/',
  'http://192.168.1.1/',
  'http://172.17.0.1/',
  'http://example.com:22/',
  'http://example.com:25/',
  'http://example.com:53/',
  'http://exam\nple.com/',
  'http://example.com/\r\nhost: x',
  'http://example.com/\u001b[2J',
  'http://ann:secret@example.com/',
  'http://example.com@127.0.0.1:PORT/',
  'http://example.com:80@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT#@example.com/',
  'http://127.0.0.1%00.example.com:PORT/',
  'http://127.0.0.1:PORT:80/',
  'ftp://127.0.0.1:PORT/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/',
  'data:text/plain,x',
  'javascript:alert(1)',
  '//127.0.0.1:PORT/',
  '127.0.0.1:PORT',
  '',
];
const withPort = (url: string): string => url.replace('PORT', String(receiver.port));

describe('a target whose URL tells it', () => {
  test.each(plain)('%s is refused at the submission, and not reached by a delivery', async (url) => {
    expect(faultOfTarget(withPort(url), policyWith())).toBeTypeOf('string');
    await expectUntouched(async () => {
      expect((await post(withPort(url))).kind).not.toBe('answered');
    });
  });

  test('is not refused where it is of the internet', () => {
    for (const url of [
      'https://example.com/hook?a=b',
      'http://1.1.1.1/',
      'https://example.com:8443/',
      'https://[2606:4700:4700::1111]/',
    ])
      expect(faultOfTarget(url, policyWith())).toBeUndefined();
  });

  test('has to be https where http is not allowed', () => {
    const policy = { ...policyWith(), allowHttp: false };
    expect(faultOfTarget('http://example.com/', policy)).toBe('has to start with https://');
    expect(faultOfTarget('https://example.com/', policy)).toBeUndefined();
  });
});

describe('a name', () => {
  test.each(Object.keys(names))('%s is refused at the delivery, for good, and not reached', async (name) => {
    await expectUntouched(async () => {
      expect(await post(`http://${name}:${receiver.port}/`)).toEqual({
        kind: 'refused',
        reason: 'leads to an address that webhooks may not go to',
      });
    });
  });

  test('that answers otherwise when it is asked again is asked once', async () => {
    // 127.0.0.2 is allowed and refuses connections of this port: nothing is wrong with the first answer.
    const onlySecond = await startWebhookReceiver(0, '127.0.0.1');
    let asked = 0;
    const rebind: ResolveName = async () => {
      asked += 1;
      return Promise.resolve([asked === 1 ? '127.0.0.2' : '127.0.0.1']);
    };
    const result = await post(
      `http://rebind.example.com:${onlySecond.port}/`,
      policyWith('127.0.0.2/32'),
      rebind,
    );
    expect(result).toEqual({ kind: 'unanswered', reason: 'no answer (ECONNREFUSED)' });
    expect([asked, onlySecond.connections()]).toEqual([1, 0]);
    await onlySecond.close();
  });

  test('that has no address is no target now, and may be one later', async () => {
    expect((await post('http://nothing.example.com/')).kind).toBe('unanswered');
  });
});

describe('where addresses are allowed', () => {
  test('they are reached, so that this test would see what is', async () => {
    const before = receiver.connections();
    for (const url of [
      receiver.url(),
      `http://loopback.example.com:${receiver.port}/`,
      `http://localhost:${receiver.port}/`,
    ])
      expect(await post(url, policyWith('127.0.0.1/32'))).toEqual({ kind: 'answered', status: 204 });
    expect(receiver.connections()).toBe(before + 3);
  });

  test('others are not', async () => {
    await expectUntouched(async () => {
      for (const url of [`http://127.0.0.2:${receiver.port}/`, `http://[::1]:${receiver.port}/`])
        expect((await post(url, policyWith('127.0.0.1/32'))).kind).toBe('refused');
    });
  });

  test.each([301, 302, 303, 307, 308])('a redirect by %i to this machine is not followed', async (status) => {
    const public_ = await startWebhookReceiver();
    public_.answerWith(answering(status, { location: `http://127.0.0.2:${receiver.port}/secret` }));
    await expectUntouched(async () => {
      expect(await post(public_.url(), policyWith('127.0.0.0/8'))).toEqual({ kind: 'answered', status });
    });
    expect(public_.received).toHaveLength(1);
    await public_.close();
  });
});
