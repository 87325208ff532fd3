/** One run: a system, a load, the faults of a schedule, time to come to rest, and the account. */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { createRandom } from '../../bench/scaler-simulator/random.ts';
import { type ChaosSystem, startChaosSystem } from './chaos-system.ts';
import { inject, type InjectorDeps } from './faults/inject.ts';
import { type Account, type Facts, settleAccount } from './ledger/ledger.ts';
import { createRecoveryWatch, type Recovery, type RecoveryWatch } from './ledger/recovery.ts';
import { openStoreView, type StoredJob, type StoreView } from './ledger/store-view.ts';
import { createChaosClient } from './load/chaos-client.ts';
import { createJournal, type Entry, type Journal, type SeenFinal } from './load/journal.ts';
import { planJobs, type PlannedJob } from './load/plan-jobs.ts';
import { runLoad } from './load/run-load.ts';
import { createChaosPart } from './processes/chaos-part.ts';
import { processesOf } from './processes/find-processes.ts';
import { type JanitorLoop, startJanitorLoop } from './processes/janitor-loop.ts';
import { type Fault, type FaultRule, faultRules } from './schedule/fault.ts';
import { makeSchedule } from './schedule/make-schedule.ts';

export interface ChaosOptions {
  seed: number;
  jobs: number;
  faults: number;
  perSecond: number;
  /** How long everything may take to come to rest after the last fault and the last submission. */
  settleMs: number;
  /** How long the last job may take when the faults are over and the last one is submitted. */
  restLimitMs?: number;
  /** The library of the slow disk; undefined: those faults are left out. */
  slowFsync: string | undefined;
  rules?: readonly FaultRule[];
  /** Instead of those that the seed plans. */
  planned?: { jobs?: readonly PlannedJob[]; faults?: readonly Fault[]; loadAfterMs?: number };
  appendfsync?: 'always' | 'everysec';
  serviceEnv?: Readonly<Record<string, string>>;
  say?: (line: string) => void;
}

export interface ChaosResult {
  seed: number;
  account: Account;
  answers: ReadonlyMap<number, number>;
  /** Those that met somebody. */
  faults: Fault[];
  recoveries: readonly Recovery[];
  /** From the end of faults and submissions to the last job's end. */
  restMs: number;
  restLimitMs: number;
  seconds: number;
  /** Folder with the journal and the logs; removed when the account is clean. */
  dir: string;
}

const isKill = ({ kind }: Fault): boolean => kind === 'kill' || kind === 'wipe';

/** What a blow against this part interrupts: jobs in the hands of those who die. */
const heldBy = async (store: StoreView, { target }: Fault): Promise<StoredJob[]> => {
  const held = (await store.processing()) ?? [];
  const index = ['worker-0', 'worker-1'].indexOf(target);
  if (index >= 0) return held.filter(({ worker }) => worker.startsWith(`worker-${index}-`));
  return target === 'runner' || target === 'scaled-worker' ? held : [];
};

interface Run {
  options: ChaosOptions;
  chaos: ChaosSystem;
  store: StoreView;
  journal: Journal;
  watch: RecoveryWatch;
  janitor: JanitorLoop;
  /** Faults are over. */
  calm: AbortSignal;
}

const createInjector = ({
  chaos,
  options,
  janitor,
  calm,
}: Run): InjectorDeps & { settled: () => Promise<void> } => {
  const random = createRandom(options.seed + 1);
  const { programs } = chaos;
  const part = (name: keyof typeof programs) => createChaosPart(programs[name], new AbortController().signal);
  const parts = {
    redis: part('redis'),
    rabbitmq: part('rabbitmq'),
    'api-0': part('api-0'),
    'api-1': part('api-1'),
    'worker-0': part('worker-0'),
    'worker-1': part('worker-1'),
    scaler: part('scaler'),
  };
  return {
    ...chaos,
    parts,
    find: {
      'scaled-worker': chaos.scaledWorkers,
      runner: chaos.runners,
      janitor: async () => Promise.resolve(janitor.pids()),
    },
    random: () => random.next(),
    signal: calm,
    settled: async () => void (await Promise.all(Object.values(parts).map(async (one) => one.settled()))),
  };
};

/** @returns the faults that met somebody. */
const runFaults = async (run: Run, faults: readonly Fault[]): Promise<Fault[]> => {
  const { store, watch, calm, options } = run;
  const injector = createInjector(run);
  const began = performance.now();
  const met: Fault[] = [];
  const strike = async (fault: Fault): Promise<void> => {
    const held = isKill(fault) ? await heldBy(store, fault) : [];
    if (isKill(fault)) watch.begin(fault, held);
    if (await inject(injector, fault)) met.push(fault);
  };
  const strikes: Promise<void>[] = [];
  for (const fault of faults) {
    await sleep(Math.max(0, began + fault.atMs - performance.now()), calm);
    options.say?.(
      `${(fault.atMs / 1_000).toFixed(1)} s ${fault.kind} ${fault.target} ${fault.lastsMs} ms ${fault.amount}`,
    );
    strikes.push(strike(fault));
  }
  await Promise.all(strikes);
  await injector.settled();
  return met;
};

/** Until nothing is left to do, or the time is over. */
const comeToRest = async ({ chaos, store, options }: Run): Promise<void> => {
  const isAtRest = async (): Promise<boolean> => (await store.due()) === 0 && (await chaos.messages()) === 0;
  await waitUntil(async () => isAtRest().catch(() => false), {
    timeoutMs: options.settleMs,
    pollMs: 500,
    what: 'everything is at rest',
  }).catch(() => undefined);
};

const lookOnceMore = async (run: Run): Promise<Map<string, SeenFinal>> => {
  const { system } = run.chaos;
  const signal = AbortSignal.timeout(120_000);
  const { apiUrl, token } = system;
  const client = createChaosClient({ apiUrl, token, journal: run.journal, signal });
  const looks = new Map<string, SeenFinal>();
  const ids = run.journal.entries.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const worker = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const look = await client.look(id);
      if (look) looks.set(id, look);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return looks;
};

const readFacts = async (run: Run): Promise<Omit<Facts, 'processes'>> => {
  const { store, chaos, journal } = run;
  const lastLooks = await lookOnceMore(run);
  return {
    entries: journal.entries,
    lastLooks,
    complaints: journal.complaints,
    jobs: await store.jobs(),
    tombstones: await store.tombstones(),
    counted: await store.counted(),
    due: await store.due(),
    waiting: await store.waiting(),
    pending: await store.pending(),
    usedBytes: await store.usedBytes(),
    finished: await store.finished(),
    messages: await chaos.messages().catch(() => -1),
  };
};

const planOf = ({ seed, jobs, faults, perSecond, planned, slowFsync, rules = faultRules }: ChaosOptions) => {
  const usable = rules.filter(({ kind }) => slowFsync !== undefined || kind !== 'slow-disk');
  const withinMs = (jobs / perSecond) * 1_000;
  return {
    afterMs: planned?.loadAfterMs ?? 0,
    jobs: planned?.jobs ?? planJobs(jobs, seed, createRandom(seed)),
    faults:
      planned?.faults ?? makeSchedule({ count: faults, withinMs, rules: usable }, createRandom(seed + 2)),
  };
};

interface Ordeal {
  /** Those that met somebody. */
  faults: Fault[];
  restMs: number;
}

/** A job that has not ended yet ends now at the earliest. */
const endOf = ({ finalAt, hasExpired, sentAt }: Entry): number =>
  finalAt ?? (hasExpired ? sentAt : Date.now());

/** How long the jobs go on after everything that was to happen has happened. */
const restAfter = ({ entries }: Journal, faultsOverAt: number): number => {
  const quietAt = Math.max(faultsOverAt, ...entries.map(({ sentAt }) => sentAt));
  return Math.max(0, ...entries.map((entry) => endOf(entry) - quietAt));
};

/** The load and the faults together, until both have had their end. */
const loadUnderFaults = async (run: Run, stopClients: AbortController): Promise<Ordeal> => {
  const { options, chaos, journal, watch } = run;
  const plan = planOf(options);
  const { apiUrl, token } = chaos.system;
  const client = createChaosClient({ apiUrl, token, journal, signal: stopClients.signal });
  const load = runLoad({ ...options, ...plan, client, journal, signal: stopClients.signal });
  const faults = await runFaults(run, plan.faults);
  const faultsOverAt = Date.now();
  const patience = setTimeout(
    () => stopClients.abort(),
    options.settleMs + (plan.jobs.length / options.perSecond) * 1_000,
  );
  await load;
  clearTimeout(patience);
  await Promise.race([watch.settled(), sleep(options.settleMs)]);
  return { faults, restMs: restAfter(journal, faultsOverAt) };
};

const keepLogs = async ({ system }: ChaosSystem, dir: string): Promise<void> => {
  for (const name of await readdir(system.dir)) {
    if (name.endsWith('.log')) await copyFile(join(system.dir, name), join(dir, name));
  }
};

export const runChaos = async (options: ChaosOptions): Promise<ChaosResult> => {
  const dir = await mkdtemp(join(tmpdir(), `factorial-chaos-${options.seed}-`));
  const began = performance.now();
  const chaos = await startChaosSystem({ ...options, dir });
  const journal = createJournal(join(dir, 'journal.jsonl'));
  const store = openStoreView(chaos.system.redisUrl);
  const stopClients = new AbortController();
  const calm = new AbortController();
  const watch = createRecoveryWatch({ journal, store, signal: stopClients.signal });
  const janitor = startJanitorLoop(chaos.system.runJanitor, 3_000, calm.signal);
  // The parts lead process groups of their own: a Ctrl-C does not reach them.
  const onSignal = (): void => void chaos.stop().then(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const run: Run = { options, chaos, store, journal, watch, janitor, calm: calm.signal };
  try {
    const ordeal = await loadUnderFaults(run, stopClients);
    calm.abort();
    await janitor.done;
    await comeToRest(run);
    const facts = await readFacts(run);
    await keepLogs(chaos, dir);
    await chaos.stop();
    const account = settleAccount({ ...facts, processes: await processesOf(dir) });
    return {
      seed: options.seed,
      account,
      answers: journal.answers,
      ...ordeal,
      restLimitMs: options.restLimitMs ?? options.settleMs,
      recoveries: watch.recoveries,
      seconds: (performance.now() - began) / 1_000,
      dir,
    };
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    calm.abort();
    stopClients.abort();
    store.close();
    await janitor.done;
    await chaos.stop();
    await journal.close();
  }
};

export const removeRun = async ({ dir }: ChaosResult): Promise<void> =>
  rm(dir, { recursive: true, force: true });
