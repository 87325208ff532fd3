/** One run: a system, a load, the faults of a schedule, time to come to rest, and the account. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { createRandom, type Random } from '../../bench/scaler-simulator/random.ts';
import { type Account, settleAccount } from './ledger/ledger.ts';
import { type Blow, createRecoveryWatch, type Recovery, type RecoveryWatch } from './ledger/recovery.ts';
import { readFacts } from './ledger/read-facts.ts';
import { openStoreView, type StoreView } from './ledger/store-view.ts';
import { createChaosClient } from './load/chaos-client.ts';
import { createJournal, type Entry, type Journal } from './load/journal.ts';
import { planJobs, type PlannedJob } from './load/plan-jobs.ts';
import { runLoad } from './load/run-load.ts';
import type { Fault, ScheduledFault } from './schedule/fault.ts';

/** A running system, and who breaks it. */
export interface ChaosTarget<Kind extends ScheduledFault> {
  apiUrl: string;
  token: string;
  redisUrl: string;
  /**
   * Resolves when the fault is over. @param blow told when it is about to fall, where it is a kill.
   * @returns whether it met anybody.
   */
  inject(fault: Kind, blow: Blow): Promise<boolean>;
  /** Resolves when all that was hit runs again. */
  settled(): Promise<void>;
  /** No fault comes any more; resolves when what this target runs from time to time has ended, too. */
  calmed(): Promise<void>;
  /** Messages in the pool's queue, ready or held. @throws when nobody tells. */
  messages(): Promise<number>;
  /** Keeps the logs; the system serves no more. @returns what is left of it or not as it was, in words. */
  end(): Promise<readonly string[]>;
  /** Ends the system, whatever has become of the run; harmless after `end`. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** For the logs. */
  dir: string;
  seed: number;
  /** Faults are over. */
  calm: AbortSignal;
  say: (line: string) => void;
}

/** Where a system can run, and what can befall it there. */
export interface TargetKind<Kind extends ScheduledFault> {
  schedule: (size: { count: number; withinMs: number }, random: Random) => Kind[];
  /** From a kill to its being got over, for 99 of 100. */
  recoveryLimitMs: number;
  start: (options: StartOptions) => Promise<ChaosTarget<Kind>>;
}

export interface ChaosOptions<Kind extends ScheduledFault = Fault> {
  seed: number;
  jobs: number;
  faults: number;
  perSecond: number;
  /** How long everything may take to come to rest after the last fault and the last submission. */
  settleMs: number;
  /** How long the last job may take when the faults are over and the last one is submitted. */
  restLimitMs?: number;
  /** Instead of those that the seed plans. */
  planned?: {
    jobs?: readonly PlannedJob[];
    faults?: readonly Kind[];
    warmUp?: readonly PlannedJob[];
    loadAfterMs?: number;
  };
  say?: (line: string) => void;
}

export interface ChaosResult {
  seed: number;
  account: Account;
  answers: ReadonlyMap<number, number>;
  /** Those that met somebody. */
  faults: ScheduledFault[];
  recoveries: readonly Recovery[];
  recoveryLimitMs: number;
  /** From the end of faults and submissions to the last job's end. */
  restMs: number;
  restLimitMs: number;
  seconds: number;
  /** Folder with the journal and the logs; removed when the account is clean. */
  dir: string;
}

/** Nothing dies of it that would have to recover. */
const unwatched: Blow = { willFall: async () => Promise.resolve(), hasFallen: () => undefined };

const isKill = ({ kind }: ScheduledFault): boolean => ['kill', 'crash', 'wipe'].includes(kind);

interface Run<Kind extends ScheduledFault> {
  options: ChaosOptions<Kind>;
  target: ChaosTarget<Kind>;
  store: StoreView;
  journal: Journal;
  watch: RecoveryWatch;
  /** Aborted when all that was submitted has ended, or is given up. */
  loadOver: AbortController;
  /** Faults are over. */
  calm: AbortSignal;
}

const describe = ({ atMs, kind, target, lastsMs, amount }: ScheduledFault): string =>
  `${(atMs / 1_000).toFixed(1)} s ${kind} ${target} ${lastsMs} ms ${amount}`;

/** @returns the faults that met somebody. */
const runFaults = async <Kind extends ScheduledFault>(
  run: Run<Kind>,
  faults: readonly Kind[],
): Promise<Kind[]> => {
  const { target, watch, calm, options } = run;
  const began = performance.now();
  const met: Kind[] = [];
  const strike = async (fault: Kind): Promise<void> => {
    const blow = isKill(fault) ? watch.expect(fault) : unwatched;
    if (!(await target.inject(fault, blow))) return;
    met.push(fault);
    blow.hasFallen();
  };
  const strikes: Promise<void>[] = [];
  for (const fault of faults) {
    if (!(await sleep(Math.max(0, began + fault.atMs - performance.now()), calm))) break;
    options.say?.(describe(fault));
    strikes.push(strike(fault));
  }
  await Promise.all(strikes);
  await target.settled();
  return met;
};

/** Until nothing is left to do, or the time is over. */
const comeToRest = async <Kind extends ScheduledFault>({
  target,
  store,
  options,
}: Run<Kind>): Promise<void> => {
  const isAtRest = async (): Promise<boolean> => (await store.due()) === 0 && (await target.messages()) === 0;
  await waitUntil(async () => isAtRest().catch(() => false), {
    timeoutMs: options.settleMs,
    pollMs: 500,
    what: 'everything is at rest',
  }).catch(() => undefined);
};

const planOf = <Kind extends ScheduledFault>(
  { seed, jobs, faults, perSecond, planned }: ChaosOptions<Kind>,
  schedule: TargetKind<Kind>['schedule'],
) => {
  const withinMs = (jobs / perSecond) * 1_000;
  return {
    warmUp: planned?.warmUp ?? [],
    afterMs: planned?.loadAfterMs ?? 0,
    jobs: planned?.jobs ?? planJobs(jobs, seed, createRandom(seed)),
    faults: planned?.faults ?? schedule({ count: faults, withinMs }, createRandom(seed + 2)),
  };
};

interface Ordeal {
  /** Those that met somebody. */
  faults: ScheduledFault[];
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

/** So many at once that they come by several connections, and to each of the apis. */
const warmUpPerSecond = 2_000;

/** The load and the faults together, until both have had their end. */
const loadUnderFaults = async <Kind extends ScheduledFault>(
  run: Run<Kind>,
  plan: ReturnType<typeof planOf<Kind>>,
  stopClients: AbortController,
): Promise<Ordeal> => {
  const { options, target, journal, watch } = run;
  const { apiUrl, token } = target;
  const client = createChaosClient({ apiUrl, token, journal, signal: stopClients.signal });
  const loading = { client, journal, signal: stopClients.signal };
  await runLoad({ ...loading, jobs: plan.warmUp, perSecond: warmUpPerSecond, afterMs: 0 });
  const load = runLoad({ ...options, ...plan, ...loading });
  const faults = await runFaults(run, plan.faults);
  const faultsOverAt = Date.now();
  const patience = setTimeout(
    () => stopClients.abort(),
    options.settleMs + (plan.jobs.length / options.perSecond) * 1_000,
  );
  await load;
  run.loadOver.abort();
  clearTimeout(patience);
  await Promise.race([watch.settled(), sleep(options.settleMs)]);
  return { faults, restMs: restAfter(journal, faultsOverAt) };
};

export const runChaos = async <Kind extends ScheduledFault>(
  options: ChaosOptions<Kind>,
  kind: TargetKind<Kind>,
): Promise<ChaosResult> => {
  const { seed, say = () => undefined } = options;
  const dir = await mkdtemp(join(tmpdir(), `factorial-chaos-${seed}-`));
  const began = performance.now();
  const calm = new AbortController();
  const target = await kind.start({ dir, seed, calm: calm.signal, say });
  const journal = createJournal(join(dir, 'journal.jsonl'));
  const store = openStoreView(target.redisUrl);
  const stopClients = new AbortController();
  const loadOver = new AbortController();
  const isLoadOver = (): boolean => loadOver.signal.aborted;
  const watch = createRecoveryWatch({ journal, store, isLoadOver, signal: stopClients.signal });
  // The parts lead process groups of their own, or live elsewhere: a Ctrl-C does not reach them.
  const onSignal = (): void => {
    calm.abort();
    void target.stop().then(() => process.exit(130));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const run: Run<Kind> = { options, target, store, journal, watch, loadOver, calm: calm.signal };
  try {
    const ordeal = await loadUnderFaults(run, planOf(options, kind.schedule), stopClients);
    calm.abort();
    await target.calmed();
    await comeToRest(run);
    const facts = await readFacts(run);
    const account = settleAccount({ ...facts, leftovers: await target.end() });
    return {
      seed,
      account,
      answers: journal.answers,
      ...ordeal,
      restLimitMs: options.restLimitMs ?? options.settleMs,
      recoveries: watch.recoveries,
      recoveryLimitMs: kind.recoveryLimitMs,
      seconds: (performance.now() - began) / 1_000,
      dir,
    };
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    calm.abort();
    stopClients.abort();
    store.close();
    await target.stop();
    await journal.close();
  }
};

export const removeRun = async ({ dir }: ChaosResult): Promise<void> =>
  rm(dir, { recursive: true, force: true });
