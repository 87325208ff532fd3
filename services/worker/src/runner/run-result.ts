/** How a run ended, as the runner's side of the worker tells it. */

export type RunResult =
  | { kind: 'done'; output: unknown }
  /** The output lies in a file; `mediaType` where the runner named one. */
  | { kind: 'file'; path: string; mediaType: string | undefined }
  | {
      kind: 'failed';
      code: string;
      message: string;
      retry: 'never' | 'later' | 'backoff';
      delaySeconds?: number | undefined;
    }
  /** Not ended by itself: somebody here had it stopped. */
  | { kind: 'stopped' };

export const failed = (code: string, message: string, retry: 'never' | 'backoff'): RunResult => ({
  kind: 'failed',
  code,
  message,
  retry,
});
