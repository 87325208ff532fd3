/** GET /v1/tasks[/{name}]: what can be asked for. */
import { taskDefinitionSchema, type TaskDefinition } from '@factorial/core/tasks/task-definition';
import type { TaskRegistry } from '@factorial/core/tasks/task-registry';
import { z } from 'zod';
import { requireTask } from '../../jobs/submit-job.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../send-json.ts';

export const taskViewSchema = taskDefinitionSchema
  .extend({ links: z.object({ self: z.string() }) })
  .describe('A task: its input as JSON Schema, its output, its limits.');

const toView = (task: TaskDefinition) => ({
  ...task,
  links: { self: `/v1/tasks/${encodeURIComponent(task.name)}` },
});

export const createTaskRoutes = (tasks: TaskRegistry): Route[] => [
  {
    method: 'get',
    path: '/v1/tasks',
    handle: async ({ res }) => sendJson(res, 200, { tasks: (await tasks.list()).map(toView) }),
    doc: {
      summary: 'The tasks there are',
      responses: { 200: { description: 'All tasks.', schema: 'TaskList' } },
    },
  },
  {
    method: 'get',
    path: '/v1/tasks/:name',
    handle: async ({ req, res }) =>
      sendJson(res, 200, toView(await requireTask(tasks, String(req.params['name'])))),
    doc: {
      summary: 'One task',
      parameters: [{ name: 'name', in: 'path', required: true, description: "The task's name." }],
      responses: { 200: { description: 'The task.', schema: 'Task' } },
    },
  },
];
