/** `make bench`: measures on this machine, prints tables and writes `.local/bench.json`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { formatTable } from './format-table.ts';
import { measureIdleMemory } from './idle-memory.ts';
import { measureSmallJobs, type SmallJobsResult } from './small-jobs/measure.ts';

const repositoryDir = resolve(import.meta.dirname, '..');

const throughputRows = (results: readonly SmallJobsResult[]): string[][] => [
  [
    'Redis fsync',
    'jobs',
    'connections',
    'workers',
    'jobs/s end to end',
    'submits/s',
    'submit p50',
    'submit p99',
  ],
  ...results.map((result) => [
    result.appendfsync,
    String(result.jobs),
    String(result.connections),
    String(result.workers),
    String(Math.round(result.jobsPerSecond)),
    String(Math.round(result.submitsPerSecond)),
    `${result.submitP50Ms.toFixed(1)} ms`,
    `${result.submitP99Ms.toFixed(1)} ms`,
  ]),
];

const timeRows = (results: readonly SmallJobsResult[]): string[][] => [
  ['CPU µs a job', ...Object.keys(results[0]?.cpuMicrosPerJob ?? {})],
  ...results.map((result) => [
    result.appendfsync,
    ...Object.values(result.cpuMicrosPerJob).map((micros) => String(Math.round(micros))),
  ]),
];

const smallJobs: SmallJobsResult[] = [];
for (const appendfsync of ['everysec', 'always'] as const) {
  smallJobs.push(await measureSmallJobs({ appendfsync, jobs: 10_000, connections: 32, workers: 1 }));
}
console.log(`\n10,000 jobs of n = 10 (${cpus().length} cores, load and brokers among them)\n`);
console.log(formatTable(throughputRows(smallJobs)));
console.log('\nWhere the time goes\n');
console.log(formatTable(timeRows(smallJobs)));

const idleMemory = await measureIdleMemory();
console.log('\nResident memory idle\n');
console.log(formatTable([['process', 'MiB'], ...idleMemory.map(({ name, mib }) => [name, mib.toFixed(0)])]));

await mkdir(resolve(repositoryDir, '.local'), { recursive: true });
const file = resolve(repositoryDir, '.local/bench.json');
await writeFile(
  file,
  `${JSON.stringify({ at: new Date().toISOString(), smallJobs, idleMemory }, undefined, 2)}\n`,
);
console.log(`\nwritten to ${file}`);
