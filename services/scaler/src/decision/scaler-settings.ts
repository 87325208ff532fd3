/** What an operator can set about a pool's scaling. */
export interface ScalerSettings {
  minWorkers: number;
  maxWorkers: number;
  /** Jobs one worker runs at a time. */
  slotsPerWorker: number;
  /** A job should have started after this time. */
  targetWaitSeconds: number;
  /** How long the last worker lingers without work before the pool goes to 0. */
  idleTimeoutSeconds: number;
  /** What a job is taken to last until the first one is done. */
  assumedServiceSeconds: number;
  /** The shortest time the need has to have been lower before a worker is let go. */
  downWindowSeconds: number;
}
