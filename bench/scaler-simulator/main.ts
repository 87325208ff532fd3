/** Plays all scenarios with this scaler and with models of KEDA, prints tables and writes `.local/scaler-simulator.json`. Virtual time: it takes seconds. */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatTable } from '../format-table.ts';
import { kedaModels } from './models/keda.ts';
import { ours, oursEager } from './models/ours.ts';
import { scenarios } from './scenarios.ts';
import { simulate, type Outcome } from './simulate.ts';
import { duelRows, scenarioRows, sumRows } from './tables.ts';

/** Used here alone: the tests have others, and no setting of the scaler was chosen by these. */
const seeds = [2_001, 2_002, 2_003, 2_004, 2_005];

const autoscalers = [ours, oursEager, ...kedaModels];

const outcomes: Outcome[] = [];
for (const scenario of scenarios) {
  for (const autoscaler of autoscalers) {
    for (const seed of seeds) outcomes.push(await simulate({ scenario, autoscaler, seed }));
  }
}

const unfinished = outcomes.filter(({ jobs, done }) => done < jobs);
if (unfinished.length > 0) throw new Error(`${unfinished.length} runs have not done all their jobs`);

console.log(
  `\nMean of ${seeds.length} seeds (least–most); a wait is from a job's arrival to its end, less the run\n`,
);
console.log(formatTable([['scenario', ''], ...scenarios.map(({ name, about }) => [name, about])]));
console.log();
console.log(formatTable([['autoscaler', ''], ...autoscalers.map(({ name, about }) => [name, about])]));
console.log();
console.log(formatTable(scenarioRows(outcomes)));
console.log('\nCounts and pod-minutes summed, waits averaged over the scenarios\n');
console.log(formatTable(sumRows(outcomes, seeds)));
console.log('\nPod-minutes and p95 wait, scenario by scenario and seed by seed\n');
for (const { name } of [ours, oursEager]) {
  const rivals = outcomes.filter(
    ({ autoscaler }) => autoscaler === name || !autoscaler.startsWith(ours.name),
  );
  console.log(`${formatTable(duelRows(rivals, name))}\n`);
}

const localDir = resolve(import.meta.dirname, '../../.local');
await mkdir(localDir, { recursive: true });
const file = resolve(localDir, 'scaler-simulator.json');
await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), outcomes }, undefined, 2)}\n`);
console.log(`\nwritten to ${file}`);
