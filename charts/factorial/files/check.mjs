/**
 * What `helm test` runs: asks a release, from inside the cluster, whether it does what it is for. One line a check;
 * exit code 1 when one fails. Needs nothing but Node.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const { API_URL, API_OPS_URL, SCALER_HOST, RABBITMQ_MANAGEMENT_URL, RABBITMQ_VHOST, POOL } = process.env;
const { JWT_SECRET, JWT_ISSUER, JWT_AUDIENCE, TOKEN, JOB, SKIP_JOB, EXPECTED_OUTPUT } = process.env;

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const mintToken = () => {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, exp: now + 600 };
  const claims = {
    iss: JWT_ISSUER,
    aud: JWT_AUDIENCE,
    sub: 'helm-test',
    scope: 'jobs:read jobs:write',
    ...times,
  };
  const body = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`;
  return `${body}.${createHmac('sha256', JWT_SECRET).update(body).digest('base64url')}`;
};

const expect = (condition, what) => {
  if (!condition) throw new Error(what);
};

const ask = async (url, init = {}) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(15_000), ...init });
  const text = await response.text();
  const body = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  return { status: response.status, body };
};

/** A URL with user and password is none that fetch takes. */
const askNode = async (address, path) => {
  const { protocol, host, username, password } = new URL(address);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return ask(`${protocol}//${host}${path}`, { headers });
};

/** Of a cluster's nodes the first that can be reached; the last one's failure is told. */
const askWithPassword = async (addresses, path) => {
  const [address, ...others] = addresses.split(/,(?=\s*https?:)/);
  try {
    return await askNode(address.trim(), path);
  } catch (error) {
    if (others.length === 0) throw error;
    return askWithPassword(others.join(','), path);
  }
};

const isHealthy = async () => {
  const { status } = await ask(`${API_OPS_URL}/readyz`);
  expect(status === 200, `/readyz answered ${status}`);
};

const refusesStrangers = async () => {
  const { status } = await ask(`${API_URL}/v1/jobs`);
  expect(status === 401, `without a token it answered ${status}`);
};

const authorization = () => ({ authorization: `Bearer ${TOKEN?.trim() || mintToken()}` });

/** @returns the job once it has ended, or as it is at the deadline. */
const finish = async (id, deadline) => {
  for (;;) {
    const headers = { ...authorization(), prefer: 'wait=10' };
    const { status, body } = await ask(`${API_URL}/v1/jobs/${id}`, { headers });
    expect(status === 200, `looking at the job was answered with ${status}`);
    if (!['queued', 'processing'].includes(body.status) || Date.now() > deadline) return body;
    await sleep(200);
  }
};

const doesAJob = async () => {
  const headers = { ...authorization(), 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const request = { method: 'POST', headers, body: JOB };
  const { status, body } = await ask(`${API_URL}/v1/jobs`, request);
  expect(status === 202, `the job was answered with ${status}: ${JSON.stringify(body)}`);
  const job = await finish(body.id, Date.now() + 120_000);
  expect(job.status === 'done', `the job is ${job.status} after two minutes at most`);
  const output = JSON.stringify(job.output);
  expect(output.includes(EXPECTED_OUTPUT), `the output is ${output}`);
};

const countsAreThere = async () => {
  const queue = `${encodeURIComponent(RABBITMQ_VHOST)}/${POOL}_process`;
  const path = `/api/queues/${queue}?disable_stats=true&enable_queue_totals=true`;
  const { status, body } = await askWithPassword(RABBITMQ_MANAGEMENT_URL, path);
  expect(status === 200, `the management API answered ${status}`);
  expect(Number.isInteger(body.messages_ready), 'the management API tells no messages_ready');
};

const scalerLeads = async () => {
  // Not resolve4: it leaves out the search domains that make a Service's short name whole.
  const addresses = await lookup(SCALER_HOST, { all: true, family: 4 });
  const answers = await Promise.all(
    addresses.map(async ({ address }) => ask(`http://${address}:9090/status`)),
  );
  const leaders = answers.filter(({ body }) => body.leader === true);
  expect(leaders.length === 1, `${leaders.length} of ${addresses.length} scalers lead`);
};

const jobCheck = 'a job is done, and rightly';
const whyNoJob =
  SKIP_JOB ?? (JWT_SECRET || TOKEN ? undefined : 'no token: name a Secret with one in tests.tokenSecret');

/** @type {[string, () => Promise<void>][]} */
const checks = [
  ['the api is ready', isHealthy],
  ['a request without a token is refused', refusesStrangers],
  ...(whyNoJob === undefined ? [[jobCheck, doesAJob]] : []),
  ['the length of the queue can be read', countsAreThere],
  ...(SCALER_HOST ? [['one scaler leads', scalerLeads]] : []),
];

/** A release that has just been installed may need a moment. */
const passes = async (check, deadline) => {
  for (;;) {
    try {
      await check();
      return true;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(1_000);
    }
  }
};

if (whyNoJob !== undefined) process.stdout.write(`skipped ${jobCheck}: ${whyNoJob}\n`);
for (const [name, check] of checks) {
  try {
    await passes(check, Date.now() + 60_000);
    process.stdout.write(`ok      ${name}\n`);
  } catch (error) {
    process.exitCode = 1;
    process.stdout.write(`not ok  ${name}: ${error.message}\n`);
  }
}
