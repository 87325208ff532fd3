/** `make streams`: 500 SSE and 500 WebSocket clients on one api while jobs run. Prints tables and writes `.local/streams.json`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { formatTable } from '../format-table.ts';
import { type Latency, measureStreams, type StreamsResult } from './measure.ts';

const latencyRow = (kind: string, clients: number, latency: Latency): string[] => [
  kind,
  String(clients),
  String(latency.events),
  ...[latency.p50Ms, latency.p95Ms, latency.p99Ms, latency.maxMs].map((ms) => `${ms} ms`),
];

const kibibytes = (mebibytes: number, connections: number): string =>
  `${((mebibytes * 1_024) / connections).toFixed(0)} KiB`;

const memoryRows = (result: StreamsResult): string[][] => [
  ['the api', 'MiB', 'a connection'],
  ['before anybody came', result.restMiB.toFixed(0), ''],
  [
    `with ${result.sse} SSE clients`,
    result.sseMiB.toFixed(0),
    kibibytes(result.sseMiB - result.restMiB, result.sse),
  ],
  [
    `with ${result.webSockets} WebSockets of ${result.jobsPerSocket} jobs more`,
    result.allMiB.toFixed(0),
    kibibytes(result.allMiB - result.sseMiB, result.webSockets),
  ],
  ['when all was over', result.endMiB.toFixed(0), ''],
];

const result = await measureStreams({
  sse: 500,
  webSockets: 500,
  jobsPerSocket: 10,
  jobs: 200,
  slots: 6,
  steps: 3,
  stepMs: 400,
  restMs: 10_000,
});
const { jobs, seconds, apiCpuShare, faults, breaks } = result;
console.log(
  `\n${jobs} jobs in ${seconds.toFixed(0)} s on ${cpus().length} cores, clients and brokers among them; ` +
    `the api took ${(apiCpuShare * 100).toFixed(0)} % of one\n`,
);
console.log(
  formatTable([
    ['clients', 'connections', 'events', 'p50', 'p95', 'p99', 'most'],
    latencyRow('SSE', result.sse, result.sseLatency),
    latencyRow('WebSocket', result.webSockets, result.webSocketLatency),
  ]),
);
console.log(`\nResident memory\n\n${formatTable(memoryRows(result))}`);
console.log(
  `\n${faults.length} followers were told anything but every event once, in order; connections that broke: ${JSON.stringify(breaks)}`,
);
for (const fault of faults.slice(0, 10)) console.log(fault);

const localDir = resolve(import.meta.dirname, '../../.local');
await mkdir(localDir, { recursive: true });
const file = join(localDir, 'streams.json');
await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), ...result }, undefined, 2)}\n`);
console.log(`\nwritten to ${file}`);
if (faults.length > 0) process.exitCode = 1;
