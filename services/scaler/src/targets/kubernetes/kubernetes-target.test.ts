import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createKubernetesClient } from '@factorial/core/kubernetes/kubernetes-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHttpServer } from '../../testing/http-server.ts';
import { makeDeploymentBody, makePodBody, makeScaleBody, unready } from '../../testing/make-pods.ts';
import { startMs } from '../../testing/make-readings.ts';
import { createDeploymentApi } from './deployment-api.ts';
import { createKubernetesTarget } from './kubernetes-target.ts';

const never = new AbortController().signal;
let folder: string;
const cleanUps: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'target-'));
  await writeFile(path.join(folder, 'token'), 'token');
  cleanUps.push(async () => rm(folder, { recursive: true }));
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const deploymentPath = '/apis/apps/v1/namespaces/ns/deployments/work';

interface Answer {
  status: number;
  body?: object;
  headers?: Record<string, string>;
}

/** A Deployment in an API server that answers as a test wants; its ReplicaSet lets the first pods go. */
const setUp = async () => {
  const world = {
    replicas: 3,
    pods: ['a', 'b', 'c'].map((name) => makePodBody(name)),
    pageSize: 100,
    /** How long a list of pods takes. */
    listMs: 0,
    /** Answers in the place of the real ones, by method and path. */
    instead: new Map<string, Answer | 'silence'>(),
    now: startMs,
  };
  const page = (url: URL) => {
    world.now += world.listMs;
    const first = Number(url.searchParams.get('continue') ?? 0);
    const items = world.pods.slice(first, first + world.pageSize);
    const next = first + world.pageSize;
    return { metadata: next < world.pods.length ? { continue: String(next) } : {}, items };
  };
  const usual = (what: string, url: URL): object => {
    if (what === `GET ${deploymentPath}/scale`) return makeScaleBody(world.replicas);
    if (what === `GET ${deploymentPath}`) return makeDeploymentBody();
    if (what === 'GET /api/v1/namespaces/ns/pods') return page(url);
    if (what === `PATCH ${deploymentPath}/scale`) {
      world.pods = world.pods.slice(1);
      return makeScaleBody(world.pods.length);
    }
    return {};
  };
  const server = await startHttpServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://host');
    const what = `${request.method} ${url.pathname}`;
    const answer = world.instead.get(what) ?? { status: 200, body: usual(what, url) };
    if (answer === 'silence') return;
    response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body ?? {}));
  });
  const client = createKubernetesClient({ url: server.url, tokenFile: path.join(folder, 'token') });
  cleanUps.push(
    async () => server.close(),
    async () => client.close(),
  );
  const api = createDeploymentApi({ client, namespace: 'ns', deployment: 'work', timeoutMs: 300 });
  const sleep = async (ms: number, signal: AbortSignal) => {
    world.now += ms;
    return !signal.aborted;
  };
  const target = createKubernetesTarget({ api, sleep, now: () => world.now });
  const patched = () => server.asked.filter((line) => line.startsWith('PATCH'));
  return { world, target, server, patched };
};

describe('its reading', () => {
  it('has the pods of all pages, and none of another owner', async () => {
    const { world, target } = await setUp();
    world.pageSize = 2;
    const metadata = { ownerReferences: [] };
    world.pods = [...world.pods, makePodBody('d'), makePodBody('stranger', { metadata })];
    const reading = await target.read(never);
    expect(reading.ok && reading.value.workers.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(target.uid()).toBe('uid-1');
  });

  const broken = [`GET ${deploymentPath}/scale`, `GET ${deploymentPath}`, 'GET /api/v1/namespaces/ns/pods'];
  const answers = [
    ['refuses', { status: 403 }, 'answered 403 (Forbidden)'],
    ['does not know it', { status: 404 }, 'answered 404 (NotFound)'],
    ['is overloaded', { status: 503 }, 'answered 503 (ServiceUnavailable)'],
    ['leaves out what counts', { status: 200, body: {} }, 'the answer is not well formed'],
    ['is silent', 'silence', 'no answer in time'],
  ] as const;

  it.each(answers)('is unknown, and no number, when one of its sources %s', async (_name, answer, reason) => {
    for (const what of broken) {
      const { world, target } = await setUp();
      world.instead.set(what, answer);
      expect(await target.read(never)).toEqual({ ok: false, reason });
    }
  });

  it('is not asked for again and again while the API server is away', async () => {
    const { world, target, server } = await setUp();
    world.instead.set(`GET ${deploymentPath}`, { status: 429, headers: { 'retry-after': '7' } });
    await target.read(never);
    const { length } = server.asked;
    world.now += 6_999;
    expect(await target.read(never)).toEqual({ ok: false, reason: 'answered 429 (TooManyRequests)' });
    expect(server.asked).toHaveLength(length);
    world.instead.clear();
    world.now += 1;
    expect(await target.read(never)).toMatchObject({ ok: true });
  });

  it('that we ended ourselves says nothing of the API server', async () => {
    const { target } = await setUp();
    expect(await target.read(AbortSignal.abort())).toMatchObject({ ok: false });
    expect(await target.read(never)).toMatchObject({ ok: true });
  });
});

describe('a step', () => {
  const shrink = { from: 3, to: 2, victims: ['a'], others: [] };

  it('tells who went', async () => {
    const { target } = await setUp();
    await target.read(never);
    expect(await target.scaleTo(shrink, never)).toEqual({ ok: true, removed: ['a'], stayed: [] });
  });

  it('tells nobody when nobody has gone within 2 s', async () => {
    const { target, world } = await setUp();
    await target.read(never);
    world.instead.set(`PATCH ${deploymentPath}/scale`, { status: 200, body: makeScaleBody(2) });
    expect(await target.scaleTo(shrink, never)).toEqual({ ok: true, removed: [], stayed: [] });
    expect(world.now - startMs).toBe(2_000);
  });

  it('looks no longer for who went when the looks themselves take long', async () => {
    const { target, world, server } = await setUp();
    await target.read(never);
    world.instead.set(`PATCH ${deploymentPath}/scale`, { status: 200, body: makeScaleBody(2) });
    world.listMs = 900;
    const { length } = server.asked;
    await target.scaleTo(shrink, never);
    const looks = server.asked
      .slice(length)
      .filter((line) => line.startsWith('GET /api/v1/namespaces/ns/pods'));
    expect(looks).toHaveLength(2);
  });

  it('says who stays since another has gone in its place', async () => {
    const { target } = await setUp();
    await target.read(never);
    expect(await target.scaleTo({ ...shrink, victims: ['b'] }, never)).toEqual({
      ok: true,
      removed: ['a'],
      stayed: ['b'],
    });
  });

  it('is refused from another number than was read, without a call', async () => {
    const { target, patched } = await setUp();
    await target.read(never);
    expect(await target.scaleTo({ ...shrink, from: 4 }, never)).toMatchObject({ ok: false });
    expect(patched()).toEqual([]);
  });

  it.each([
    ['was refused', { status: 409 }, { reason: 'answered 409 (Conflict)', uncertain: false }],
    ['may have been taken', 'silence', { reason: 'no answer in time', uncertain: true }],
  ] as const)('says that it %s', async (_name, answer, refusal) => {
    const { target, world } = await setUp();
    await target.read(never);
    world.instead.set(`PATCH ${deploymentPath}/scale`, answer);
    expect(await target.scaleTo(shrink, never)).toEqual({ ok: false, ...refusal });
  });

  const secondsAgo = (seconds: number) => unready(new Date(startMs - seconds * 1_000).toISOString());

  it.each([
    ['a busy one', secondsAgo(1_000), { id: 'c', busy: true }],
    ['one that may have taken a job just now', secondsAgo(1), { id: 'c', busy: false }],
  ])('is not taken when %s is not ready: it would go first', async (_name, status, other) => {
    const { target, world, patched } = await setUp();
    world.pods[2] = makePodBody('c', { status });
    await target.read(never);
    expect(await target.scaleTo({ ...shrink, others: [other] }, never)).toEqual({
      ok: false,
      reason: 'a worker that may be busy is not ready and would go first',
    });
    expect(patched()).toEqual([]);
  });

  it.each([
    ['idle and has not been ready for long', secondsAgo(1_000), [{ id: 'c', busy: false }]],
    ['starting', secondsAgo(1), []],
  ])('is taken when one is %s', async (_name, status, others) => {
    const { target, world } = await setUp();
    world.pods[2] = makePodBody('c', { status });
    await target.read(never);
    expect(await target.scaleTo({ ...shrink, others }, never)).toMatchObject({ ok: true });
  });

  it('is not taken when the term has ended', async () => {
    const { target, patched } = await setUp();
    await target.read(never);
    expect(await target.scaleTo(shrink, AbortSignal.abort())).toMatchObject({ ok: false });
    expect(patched()).toEqual([]);
  });
});

describe('a marking', () => {
  const marking = { victims: ['a'], busy: [{ id: 'b', runningSeconds: 5 }] };
  const podPath = '/api/v1/namespaces/ns/pods';

  it('is written once, and taken back where it is', async () => {
    const { target, patched } = await setUp();
    await target.read(never);
    expect(await target.markVictims(marking, never)).toEqual({ ok: true });
    expect(await target.markVictims(marking, never)).toEqual({ ok: true });
    // At the same time, in whatever order they arrive.
    expect(patched().toSorted()).toEqual([`PATCH ${podPath}/a`, `PATCH ${podPath}/b`]);
    await target.markVictims({ ...marking, victims: [] }, never);
    expect(patched().slice(2)).toEqual([`PATCH ${podPath}/a`]);
  });

  it('passes over a pod that is gone', async () => {
    const { target, world } = await setUp();
    await target.read(never);
    world.instead.set(`PATCH ${podPath}/a`, { status: 404 });
    expect(await target.markVictims(marking, never)).toEqual({ ok: true });
  });

  it('says so when it may not be written', async () => {
    const { target, world } = await setUp();
    await target.read(never);
    world.instead.set(`PATCH ${podPath}/a`, { status: 403 });
    expect(await target.markVictims(marking, never)).toMatchObject({ ok: false });
  });

  it.each([
    ['was refused', { status: 503 }],
    ['may have been made', 'silence'],
  ] as const)('is taken off by the next one when that %s before', async (_name, answer) => {
    const { target, world, patched } = await setUp();
    await target.read(never);
    await target.markVictims(marking, never);
    world.instead.set(`PATCH ${podPath}/a`, answer);
    const none = { ...marking, victims: [] };
    expect(await target.markVictims(none, never)).toMatchObject({ ok: false });
    world.instead.clear();
    const { length } = patched();
    expect(await target.markVictims(none, never)).toEqual({ ok: true });
    expect(patched().slice(length)).toEqual([`PATCH ${podPath}/a`]);
  });

  it('is taken off where nobody knows whether it was made', async () => {
    const { target, world, patched } = await setUp();
    await target.read(never);
    world.instead.set(`PATCH ${podPath}/a`, 'silence');
    await target.markVictims(marking, never);
    world.instead.clear();
    const { length } = patched();
    await target.markVictims({ ...marking, victims: [] }, never);
    expect(patched().slice(length)).toEqual([`PATCH ${podPath}/a`]);
  });
});
