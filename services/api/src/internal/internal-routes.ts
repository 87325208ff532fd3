/** Everything on the internal port: for workers and the scaler. */
import type { JobIntake, JobOutputs } from '@factorial/core/jobs/job-store';
import type { TaskRegistry } from '@factorial/core/tasks/task-registry';
import type { Route } from '../http/route.ts';
import { createClaimRoutes } from './routes/claims.ts';
import { createFactorialUpdateRoutes } from './routes/factorial-update.ts';
import { createOutputUploadRoutes } from './routes/job-output.ts';
import { createOutcomeRoutes, type OutcomeRouteDeps } from './routes/outcomes.ts';
import { createPoolRoutes, type PoolRouteDeps } from './routes/pools.ts';
import { createProgressRoutes } from './routes/progress.ts';
import { createAnnounceRoutes } from './routes/tasks.ts';
import { createWorkerRoutes, type WorkerRouteDeps } from './routes/workers.ts';

export interface InternalRoutesDeps extends OutcomeRouteDeps, PoolRouteDeps, WorkerRouteDeps {
  intake: JobIntake;
  outputs: JobOutputs;
  tasks: TaskRegistry;
  outputLimitBytes: number;
}

export const createInternalRoutes = (deps: InternalRoutesDeps): Route[] => [
  ...createClaimRoutes(deps.leases),
  ...createOutcomeRoutes(deps),
  ...createWorkerRoutes(deps),
  ...createProgressRoutes(deps.leases),
  ...createOutputUploadRoutes(deps.outputs, deps.outputLimitBytes),
  ...createPoolRoutes(deps),
  ...createAnnounceRoutes(deps.tasks),
  ...createFactorialUpdateRoutes(deps),
];
