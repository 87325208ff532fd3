/** What `make run` and the tests know of a broker of their own. */
import type { BrokerSource } from './find-brokers.ts';

/** What both brokers are started with. */
export interface BrokerOptions {
  source: BrokerSource;
  /** Absolute; created when missing. All the broker keeps is in it, its URL included. */
  dataDir: string;
  /** Default: a file in the data directory. */
  logFile?: string;
  /** Added to the environment of the broker's program; a container gets none of it. */
  env?: Readonly<Record<string, string>>;
  /** Told the id of each process that leads a group, as soon as it runs: what has to go if we do not get to stop it. */
  onStart?: (pid: number) => void;
  /** Its abort ends a start that is under way; nothing runs afterwards. */
  signal?: AbortSignal;
}

export interface Broker {
  /** With credentials; valid across restarts on the same data directory, as long as its port stays free. */
  readonly url: string;
  /** The main process. */
  readonly pid: number;
  /** Resolves with the reason when the main process has ended, asked or not. */
  readonly exited: Promise<string>;
  /** In good order; kills what is left after some seconds. A second stop is fine. */
  stop(): Promise<void>;
  /** As a power cut would: SIGKILL to everything. The data directory can be started on again. */
  kill(): Promise<void>;
}
