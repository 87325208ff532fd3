/** Everything on the public port. A route that is asked for most stands first: Express tries them in order. */
import type { Logger } from '@factorial/core/ops/logger';
import type { TaskRegistry } from '@factorial/core/tasks/task-registry';
import type { JobService } from '../jobs/job-service.ts';
import type { StreamTickets } from '../push/stream-tickets.ts';
import type { Route } from './route.ts';
import { createDeadLetterRoutes, type DeadLetterRoutesDeps } from './routes/dead-letters.ts';
import { createErrorPageRoutes } from './routes/error-page.ts';
import { createFactorialRoutes } from './routes/factorial.ts';
import { createJobBatchRoutes } from './routes/job-batch.ts';
import { createJobEventsRoutes, type JobEventsRouteDeps } from './routes/job-events.ts';
import { createJobOutputRoutes } from './routes/job-output.ts';
import { createJobRoutes } from './routes/job.ts';
import { createJobsRoutes } from './routes/jobs.ts';
import { createLandingRoutes } from './routes/landing.ts';
import { createOpenApiRoutes } from './routes/openapi.ts';
import { createPoolRoutes, type PoolRoutesDeps } from './routes/pools.ts';
import { createQueueRoutes, type QueueRouteDeps } from './routes/queue.ts';
import { createStreamTicketRoutes } from './routes/stream-tickets.ts';
import { createTaskRoutes } from './routes/tasks.ts';
import { createWebSocketRoutes, type WebSocketRouteDeps } from './routes/ws.ts';

export interface PublicRoutesDeps extends QueueRouteDeps, PoolRoutesDeps, DeadLetterRoutesDeps {
  jobs: JobService;
  events: Omit<JobEventsRouteDeps, 'find'>;
  tickets: Pick<StreamTickets, 'issue'>;
  sockets: WebSocketRouteDeps;
  tasks: TaskRegistry;
  logger: Logger;
}

export const createPublicRoutes = (deps: PublicRoutesDeps): Route[] => {
  const routes: Route[] = [
    ...createJobsRoutes(deps.jobs),
    ...createJobBatchRoutes(deps.jobs, deps.logger),
    ...createJobRoutes(deps.jobs),
    ...createJobOutputRoutes(deps.jobs),
    ...createJobEventsRoutes({ ...deps.events, find: deps.jobs.find }),
    ...createWebSocketRoutes(deps.sockets),
    ...createStreamTicketRoutes(deps.tickets),
    ...createFactorialRoutes(deps),
    ...createTaskRoutes(deps.tasks),
    ...createQueueRoutes(deps),
    ...createPoolRoutes(deps),
    ...createDeadLetterRoutes(deps),
    ...createLandingRoutes(),
    ...createErrorPageRoutes(),
  ];
  return [...routes, ...createOpenApiRoutes(routes)];
};
