/** What the scaler reads of Kubernetes's objects; all else of them is left unread. */
import { z } from 'zod';

const text = z.string().min(1);
const texts = z.record(z.string(), z.string()).default({});
/** Go leaves a 0 out of its JSON. */
const count = z.number().int().nonnegative().default(0);

const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  lastTransitionTime: z.string().nullish(),
});
const conditions = z.array(conditionSchema).default([]);

/** autoscaling/v1: the part of a Deployment that a scaler may change. */
export const scaleSchema = z.object({
  metadata: z.object({ resourceVersion: text }),
  spec: z.object({ replicas: count }),
  /** The labels of its pods, as a query. */
  status: z.object({ selector: text }),
});
export type Scale = z.output<typeof scaleSchema>;

export const deploymentSchema = z.object({
  metadata: z.object({
    uid: text,
    generation: z.number(),
    annotations: texts,
  }),
  status: z.object({
    observedGeneration: z.number().default(0),
    replicas: count,
    updatedReplicas: count,
    conditions,
  }),
});
export type Deployment = z.output<typeof deploymentSchema>;

const containerSchema = z.object({
  restartCount: count,
  state: z.object({ waiting: z.object({ reason: z.string().optional() }).optional() }).default({}),
});

export const podSchema = z.object({
  metadata: z.object({
    name: text,
    labels: texts,
    annotations: texts,
    deletionTimestamp: z.string().nullish(),
    ownerReferences: z
      .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().default(false) }))
      .default([]),
  }),
  spec: z.object({ nodeName: z.string().optional() }),
  status: z.object({
    phase: z.string().default('Unknown'),
    conditions,
    containerStatuses: z.array(containerSchema).default([]),
  }),
});
export type Pod = z.output<typeof podSchema>;

export const podListSchema = z.object({
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(podSchema),
});
