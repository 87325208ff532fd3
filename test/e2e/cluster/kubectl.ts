/** kubectl in one namespace, with answers as parsed JSON. */
import { z } from 'zod';
import { run, type Ran, type RunOptions } from './run.ts';

const listSchema = z.looseObject({ items: z.array(z.unknown()) });

export interface Kubectl {
  namespace: string;
  /** @throws Error with kubectl's words, when it fails. */
  run: (args: readonly string[], options?: RunOptions) => Promise<Ran>;
  /** One object, parsed. @throws when it is not there. */
  get: <Schema extends z.ZodType>(schema: Schema, resource: string) => Promise<z.output<Schema>>;
  /** Objects of a kind, parsed. */
  list: <Schema extends z.ZodType>(
    schema: Schema,
    kind: string,
    selector?: string,
  ) => Promise<z.output<Schema>[]>;
  apply: (...objects: readonly object[]) => Promise<void>;
}

export const createKubectl = (namespace: string): Kubectl => {
  const call: Kubectl['run'] = async (args, options) =>
    run('kubectl', ['--namespace', namespace, ...args], options);
  return {
    namespace,
    run: call,
    get: async (schema, resource) => {
      const { stdout } = await call(['get', resource, '--output', 'json']);
      return schema.parse(JSON.parse(stdout));
    },
    list: async (schema, kind, selector = '') => {
      const { stdout } = await call(['get', kind, '--selector', selector, '--output', 'json']);
      return listSchema.parse(JSON.parse(stdout)).items.map((item) => schema.parse(item));
    },
    apply: async (...objects) => {
      const list = { apiVersion: 'v1', kind: 'List', items: objects };
      await call(['apply', '--filename', '-'], { input: JSON.stringify(list) });
    },
  };
};
