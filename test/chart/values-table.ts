/** The chart's values with their defaults and descriptions, for its README: from values.yaml and the schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export interface ValueRow {
  path: string;
  /** As JSON; none for what only holds others. */
  default: string | undefined;
  description: string;
}

interface Schema {
  description?: string | undefined;
  properties?: Record<string, Schema> | undefined;
  allOf?: Schema[] | undefined;
  $ref?: string | undefined;
}

const schemaSchema: z.ZodType<Schema> = z.looseObject({
  description: z.string().optional(),
  $ref: z.string().optional(),
  get properties() {
    return z.record(z.string(), schemaSchema).optional();
  },
  get allOf() {
    return z.array(schemaSchema).optional();
  },
});

const rootSchema = z.intersection(schemaSchema, z.looseObject({ $defs: z.record(z.string(), schemaSchema) }));

type Definitions = Record<string, Schema>;

const resolve = (schema: Schema, definitions: Definitions): Schema =>
  schema.$ref === undefined ? schema : (definitions[schema.$ref.replace('#/$defs/', '')] ?? {});

const childOf = (schema: Schema, name: string, definitions: Definitions): Schema | undefined => {
  const own = schema.properties?.[name];
  if (own !== undefined) return resolve(own, definitions);
  for (const part of schema.allOf ?? []) {
    const found = childOf(resolve(part, definitions), name, definitions);
    if (found !== undefined) return found;
  }
  return undefined;
};

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

/** Told as one: the names of their members say it all. */
const isTold = (path: string): boolean => /(Probe|resources)$/.test(path);

const hasMembers = ({ properties, allOf }: Schema): boolean =>
  properties !== undefined || allOf !== undefined;

const rowsOf = (
  value: unknown,
  schema: Schema,
  context: { path: string; definitions: Definitions },
): ValueRow[] => {
  const { path, definitions } = context;
  if (!isMap(value) || !hasMembers(schema) || isTold(path))
    return [{ path, default: JSON.stringify(value), description: schema.description ?? '' }];
  const members = Object.entries(value).flatMap(([name, member]) =>
    rowsOf(member, childOf(schema, name, definitions) ?? {}, {
      path: path === '' ? name : `${path}.${name}`,
      definitions,
    }),
  );
  return path === ''
    ? members
    : [{ path, default: undefined, description: schema.description ?? '' }, ...members];
};

export const valuesTable = (chartDir: string): ValueRow[] => {
  const read = (file: string): string => readFileSync(join(chartDir, file), 'utf8');
  const schema = rootSchema.parse(JSON.parse(read('values.schema.json')));
  return rowsOf(parse(read('values.yaml')), schema, { path: '', definitions: schema.$defs });
};
