/** The contract of everything that lives and dies in a process. */
export interface Service {
  readonly name: string;
  /** Resolves when the service can do its work. A start that fails leaves nothing running. */
  start(): Promise<void>;
  /**
   * Stops; resolves when nothing of it runs any more. Stop before start and a second stop are fine.
   * @param deadline abort of this signal means: finish now, give back what is unfinished.
   */
  stop(deadline: AbortSignal): Promise<void>;
}
