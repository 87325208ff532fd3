/** Brings up a whole local system, keeps it up until it is told to stop, and leaves nothing running. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toError } from '@factorial/core/errors/to-error';
import type { Service } from '@factorial/core/lifecycle/service';
import { stopServices } from '@factorial/core/lifecycle/run-services';
import { ensureConsole } from '../console/ensure-console.ts';
import { awaitWorker } from './await-worker.ts';
import { choosePorts, type Ports } from './choose-ports.ts';
import { type Credentials, prepareCredentials } from './credentials.ts';
import { createLocalDir, type LocalDir, startNewLogs } from './local-dir.ts';
import { prepareBrokers } from './run-brokers.ts';
import { createRunContext, type RunContext } from './run-context.ts';
import { runEnvFile, writeRunEnv } from './run-env.ts';
import { localUrl, pool, prepareServices } from './run-services.ts';
import { forgetOtherTasks, readServedTasks } from './served-tasks.ts';
import { openRunState } from './run-state.ts';
import { writeSecret } from './secret-file.ts';
import type { RunSettings } from './settings.ts';
import { listenForStop, type StopSignals } from './stop-signals.ts';
import { welcome } from './welcome.ts';

export interface RunSystemOptions {
  repositoryDir: string;
  settings: RunSettings;
  /** Prints a line for the person at the terminal. */
  say: (line: string) => void;
}

interface Run extends RunSystemOptions {
  context: RunContext;
  stop: StopSignals;
  /** In the order of their start. */
  started: Service[];
}

const stopWithinMs = 60_000;

const startOne = async ({ stop, started, say }: Run, service: Service): Promise<void> => {
  if (stop.signal.aborted) throw new Error('stopped while starting');
  say(`starting ${service.name}`);
  started.push(service);
  await service.start();
};

const startAll = async (run: Run, services: readonly Service[]): Promise<void> => {
  for (const service of services) await startOne(run, service);
};

interface Announcement {
  local: LocalDir;
  ports: Ports;
  credentials: Credentials;
  /** Names of the tasks. */
  served: readonly string[];
  amqpUrl: string;
}

const announce = async ({ local, ports, credentials, served, amqpUrl }: Announcement): Promise<string> => {
  const { token, adminToken, workerTokenFile } = credentials;
  const tokenFile = local.file('client.token');
  const apiUrl = localUrl(ports.public);
  await writeSecret(tokenFile, token);
  await writeRunEnv(local.path, {
    API_URL: apiUrl,
    INTERNAL_URL: localUrl(ports.internal),
    OPS_URL: localUrl(ports.ops),
    TOKEN: token,
    ADMIN_TOKEN: adminToken,
    AMQP_URL: amqpUrl,
    WORKER_TOKEN_FILE: workerTokenFile,
  });
  return welcome({
    apiUrl,
    served,
    token,
    tokenFile,
    logDir: local.file('log'),
    runEnvFile: runEnvFile(local.path),
  });
};

/** The system is of use without it: `/` is a plain page then. */
const ensureConsoleOrSay = async ({ repositoryDir, say }: Run): Promise<void> =>
  ensureConsole({ repositoryDir, say }).catch((error: unknown) => say(toError(error).message));

const bringUp = async (run: Run): Promise<void> => {
  const { context, settings, repositoryDir, say, stop } = run;
  const { local } = context;
  const served = await readServedTasks({ settings, repositoryDir, pool });
  const ports = await choosePorts(settings, say);
  const credentials = await prepareCredentials(local.path, Date.now());
  await ensureConsoleOrSay(run);
  const brokers = await prepareBrokers(context, settings);
  await startAll(run, brokers.services);
  await forgetOtherTasks(brokers.urls().redisUrl, served);
  const input = { context, settings, repositoryDir, ports, credentials, brokers: brokers.urls() };
  await startAll(run, prepareServices(input));
  say('starting a worker');
  await awaitWorker({
    internalUrl: localUrl(ports.internal),
    token: credentials.scalerToken,
    pool,
    logFile: local.log('worker-1'),
    timeoutMs: 60_000,
    signal: stop.signal,
  });
  say(await announce({ local, ports, credentials, served, amqpUrl: brokers.urls().amqpUrl }));
};

const stopStarted = async ({ started, say }: Run): Promise<void> => {
  if (started.length === 0) return;
  say('stopping');
  const failed = await stopServices(started, AbortSignal.timeout(stopWithinMs));
  say(failed ? `stopped, not in good order: ${failed.message}` : 'stopped');
};

const shutDown = async (run: Run): Promise<void> => {
  const { local, state } = run.context;
  await rm(runEnvFile(local.path), { force: true });
  await stopStarted(run);
  state.killAll();
  state.close();
};

const endNow = (): void => {
  process.exit(130);
};

/** @throws when something cannot be started; all that had started is stopped then. */
export const runSystem = async (options: RunSystemOptions): Promise<void> => {
  const { repositoryDir, say } = options;
  const local = await createLocalDir(join(repositoryDir, '.local'));
  const { state, ended } = await openRunState(local.file('run.json'));
  process.once('exit', () => state.killAll());
  const stop = listenForStop({ endAtOnce: endNow, now: Date.now });
  if (ended.length > 0) say(`ended what an earlier run had left: ${ended.join(', ')}`);
  await startNewLogs(local);
  const run: Run = { ...options, context: createRunContext({ local, state, say }), stop, started: [] };
  const up = bringUp(run).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  try {
    await Promise.race([up, stop.asked]);
    await stop.asked;
  } finally {
    await shutDown(run);
  }
};
