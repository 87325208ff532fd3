/** Asks a system whether it serves a task, so that who needs it hears so in one sentence. */
import { z } from 'zod';

export interface RequiredTask {
  apiUrl: string;
  /** A client's. */
  token: string;
  task: string;
}

const taskListSchema = z.object({ tasks: z.array(z.object({ name: z.string() })) });

/** @returns undefined when the system does not tell: what is wrong with it then shows with the first job. */
const servedTasks = async ({ apiUrl, token }: RequiredTask): Promise<string[] | undefined> => {
  try {
    const answer = await fetch(`${apiUrl}/v1/tasks`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(5_000),
    });
    return taskListSchema.parse(await answer.json()).tasks.map(({ name }) => name);
  } catch {
    return undefined;
  }
};

/** @throws with one sentence when the system serves other tasks only. */
export const requireTask = async (required: RequiredTask): Promise<void> => {
  const served = await servedTasks(required);
  if (served === undefined || served.includes(required.task)) return;
  const told = served.length > 0 ? served.join(', ') : 'nothing yet';
  throw new Error(`This needs the task ${required.task}, and ${required.apiUrl} serves ${told}.`);
};
