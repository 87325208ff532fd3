/** What happened to a job, one event after the other, as those who watch it are told. The store's scripts write them, in the step that they tell of. */
import { z } from 'zod';
import { finalStatuses, isFinal } from './job-status.ts';

export const jobEventTypes = ['queued', 'started', 'progress', 'log', 'output', ...finalStatuses] as const;
export type JobEventType = (typeof jobEventTypes)[number];

const said = { text: z.string(), truncated: z.literal(true).optional() };
const error = { code: z.string(), message: z.string() };

/** Why a job waits: it was accepted; its owner wants it again; its attempt failed, was given back, or its worker was lost. */
const queuedReasons = ['accepted', 'retried', 'failed', 'released', 'worker-lost'] as const;

/** What each kind of event tells besides its attempt and its time. */
const dataSchemas = {
  queued: z.object({
    reason: z.enum(queuedReasons),
    error: z.object(error).optional(),
    /** ms since the epoch. */
    notBeforeMs: z.number().optional(),
  }),
  started: z.object({}),
  progress: z.object({ value: z.number(), message: z.string() }),
  log: z.object(said),
  output: z.object(said),
  done: z.object({ outputBytes: z.number(), outputMediaType: z.string() }),
  failed: z.object({ error: z.object({ ...error, retryable: z.boolean() }) }),
  cancelled: z.object({}),
} satisfies Record<JobEventType, z.ZodType>;

type DataOf<Type extends JobEventType> = z.output<(typeof dataSchemas)[Type]>;
export type JobEvent = {
  [Type in JobEventType]: {
    /** `<ms>-<n>`: when it happened by Redis's clock, and its place among those of that moment. */
    id: string;
    type: Type;
    /** 0 before the first one. */
    attempt: number;
    data: DataOf<Type>;
  };
}[JobEventType];

/** An entry of the stream as Redis gives it. */
const entrySchema = z.tuple([z.string(), z.array(z.string())]);
const fieldsSchema = z.object({
  event: z.enum(jobEventTypes),
  attempt: z.coerce.number().int().nonnegative(),
  data: z.string(),
});

/** Stands before every event. */
export const beforeAll = '0-0';

const partsOf = (id: string): [number, number] => {
  const [ms = '', place = ''] = id.split('-');
  return [Number(ms), Number(place)];
};

/** ms since the epoch. */
export const timeOf = (eventId: string): number => partsOf(eventId)[0];

export const isAfter = (eventId: string, other: string): boolean => {
  const [ms, place] = partsOf(eventId);
  const [otherMs, otherPlace] = partsOf(other);
  return ms > otherMs || (ms === otherMs && place > otherPlace);
};

export const isFinalEvent = ({ type }: Pick<JobEvent, 'type'>): boolean => isFinal(type);

/** @throws when it is not what the scripts write. */
export const parseJobEvent = (entry: unknown): JobEvent => {
  const [id, flat] = entrySchema.parse(entry);
  const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]] as const] : []));
  const { event: type, attempt, data } = fieldsSchema.parse(Object.fromEntries(pairs));
  const parsed = dataSchemas[type].parse(JSON.parse(data));
  return z.custom<JobEvent>().parse({ id, type, attempt, data: parsed });
};
