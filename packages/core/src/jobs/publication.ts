/** Reads what a script says of a job that has to be published: word, pool, task, input, publication, traceparent. */
import type { ScriptReply } from './job-scripts.ts';
import type { Publication } from './job-store.ts';

export const parsePublication = (id: string, reply: ScriptReply): Publication => {
  const [, pool, task, input, publication, traceparent] = reply;
  return {
    id,
    pool: String(pool),
    task: String(task),
    input: JSON.parse(String(input)) as unknown,
    publication: Number(publication),
    ...(traceparent === undefined || traceparent === '' ? {} : { traceparent: String(traceparent) }),
  };
};
