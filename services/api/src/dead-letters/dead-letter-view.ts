/** A dead letter as an admin sees it. */
import type { DeadLetter } from '@factorial/core/jobs/redis-dead-letters';
import { deadLetterReasons } from '@factorial/core/queue/dead-letter';
import { z } from 'zod';

const count = z.int().nonnegative();

export const deadLetterViewSchema = z
  .object({
    id: z.string(),
    pool: z.string(),
    reason: z.enum(deadLetterReasons),
    detail: z.string(),
    deadAt: z.iso
      .datetime()
      .optional()
      .describe(
        'When it was set aside; where nobody noted that, when it was first listed. Absent where what is stored of it cannot be read.',
      ),
    messageId: z.string().optional(),
    jobId: z.string().optional().describe('The job it speaks of, where that can be told.'),
    bytes: count.describe('Of the whole body.'),
    preview: z.string().describe("The body's beginning, as text."),
    redrivable: z
      .boolean()
      .describe(
        'False where the body is not kept whole: it was too large, or what is stored cannot be read.',
      ),
  })
  .describe('A message that nobody could work on.');
export type DeadLetterView = z.output<typeof deadLetterViewSchema>;

const previewBytes = 256;

const namesJob = z.object({ request_id: z.string().min(1).max(128) });

const jobIdInBody = (body: Buffer): string | undefined => {
  try {
    return namesJob.safeParse(JSON.parse(body.toString('utf8'))).data?.request_id;
  } catch {
    return undefined;
  }
};

/** `<jobId>:<publication>`, in a message of ours. */
const jobIdInMessageId = (messageId: string | undefined): string | undefined =>
  /^(.{1,128}):\d+$/s.exec(messageId ?? '')?.[1];

export const toDeadLetterView = (letter: DeadLetter): DeadLetterView => {
  const { id, pool, reason, detail, deadAt, messageId, bytes, body, isWhole } = letter;
  const jobId = jobIdInBody(body) ?? jobIdInMessageId(messageId);
  return {
    id,
    pool,
    reason,
    detail,
    ...(deadAt === undefined ? {} : { deadAt: new Date(deadAt).toISOString() }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(jobId === undefined ? {} : { jobId }),
    bytes,
    preview: body.subarray(0, previewBytes).toString('utf8'),
    redrivable: isWhole,
  };
};
