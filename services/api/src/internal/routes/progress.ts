/** POST /internal/v1/progress: how far running attempts are, what they logged and streamed. */
import { progressRequestSchema } from '@factorial/core/internal/protocol';
import type { JobLeases } from '@factorial/core/jobs/job-store';
import { parseBody } from '../../http/parse-request.ts';
import type { GuardedRoute } from '../../http/route.ts';

export const createProgressRoutes = (leases: JobLeases): GuardedRoute[] => [
  {
    method: 'post',
    path: '/internal/v1/progress',
    scope: 'worker',
    body: 'json',
    handle: async ({ req, res }) => {
      const { progress } = parseBody(progressRequestSchema, req.body);
      await Promise.all(progress.map(async (update) => leases.progress(update, update)));
      res.statusCode = 204;
      res.end();
    },
  },
];
