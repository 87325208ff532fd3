/** A task as a user would bring it, in a ConfigMap: it takes its time without taking the processor, so that a small node can carry many. */

const definition = {
  name: 'nap',
  version: '1',
  input: {
    type: 'object',
    properties: { seconds: { type: 'number', minimum: 0, maximum: 3_600 }, text: { type: 'string' } },
    required: ['seconds', 'text'],
    additionalProperties: false,
  },
  output: { mediaType: 'text/plain' },
  run: { module: './handler.mjs' },
  limits: { runTimeoutSeconds: 3_600, maxAttempts: 3, memoryMiB: 128 },
};

const handler = `import { setTimeout as delay } from 'node:timers/promises';
export const run = async ({ seconds, text }, { signal }) => {
  await delay(seconds * 1000, undefined, { signal });
  return text;
};
`;

/** The ConfigMap `<name>-task`, which the profile `naps` mounts. */
export const napTask = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `${name}-task` },
  data: { 'task.json': JSON.stringify({ ...definition, name }), 'handler.mjs': handler },
});
