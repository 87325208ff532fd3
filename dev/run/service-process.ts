/** Starts one of our services from its sources, and waits until it says it is ready. */
import { join } from 'node:path';
import { startProgram } from '../programs/program.ts';
import { waitUntilReady } from '../programs/wait-until-ready.ts';
import type { Launch } from './run-context.ts';

export interface ServiceProcess {
  /** Its folder under `services`. */
  name: string;
  repositoryDir: string;
  env: Readonly<Record<string, string>>;
  logFile: string;
  /** Readiness is asked of `http://127.0.0.1:{opsPort}/readyz`. */
  opsPort: number;
  /** How long it may take to stop, in milliseconds. */
  stopMs: number;
}

export const mainArguments = (repositoryDir: string, service: string): string[] => [
  '--conditions=@factorial/source',
  join(repositoryDir, 'services', service, 'src', 'main.ts'),
];

const isReady = async (opsPort: number): Promise<boolean> => {
  const answer = await fetch(`http://127.0.0.1:${opsPort}/readyz`, { signal: AbortSignal.timeout(3_000) });
  await answer.arrayBuffer();
  return answer.ok;
};

export const launchService =
  (service: ServiceProcess): Launch =>
  async (signal, onStart) => {
    const { name, repositoryDir, logFile, stopMs } = service;
    const program = await startProgram({
      command: process.execPath,
      args: mainArguments(repositoryDir, name),
      env: { ...process.env, ...service.env },
      cwd: repositoryDir,
      logFile,
    });
    onStart(program.pid);
    const askReady = async (): Promise<boolean> => isReady(service.opsPort);
    await waitUntilReady({ name, program, logFile, timeoutMs: 30_000, isReady: askReady, signal });
    return {
      exited: program.exited,
      stop: async () => program.stop(stopMs),
      kill: async () => program.kill(),
    };
  };
