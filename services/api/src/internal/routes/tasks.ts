/** PUT /internal/v1/tasks/{name}: a worker announces a task that it can run. */
import { AppError } from '@factorial/core/errors/app-error';
import { announceRequestSchema } from '@factorial/core/internal/protocol';
import type { TaskDefinition } from '@factorial/core/tasks/task-definition';
import type { TaskRegistry } from '@factorial/core/tasks/task-registry';
import type { Request } from 'express';
import { parseBody } from '../../http/parse-request.ts';
import type { GuardedRoute } from '../../http/route.ts';
import { invalidInput } from '../../jobs/invalid-input.ts';
import { requirePool } from '../speaks-for.ts';
import { faultOfSchema } from '../../jobs/validate-input.ts';

const parseDefinition = (req: Request): TaskDefinition => {
  const definition = parseBody(announceRequestSchema, req.body);
  if (definition.name !== req.params['name']) {
    throw new AppError('invalid-request', 'The name in the path is not that of the definition.');
  }
  const fault = faultOfSchema(definition.input);
  if (fault !== undefined) throw invalidInput([{ pointer: '/input', detail: `is no JSON Schema: ${fault}` }]);
  return definition;
};

export const createAnnounceRoutes = (tasks: TaskRegistry): GuardedRoute[] => [
  {
    method: 'put',
    path: '/internal/v1/tasks/:name',
    scope: 'worker',
    body: 'json',
    handle: async ({ req, res, caller }) => {
      const definition = parseDefinition(req);
      requirePool(caller, definition.pool);
      await tasks.announce(definition);
      res.statusCode = 204;
      res.end();
    },
  },
];
