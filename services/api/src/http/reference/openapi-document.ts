/** The parts of an OpenAPI 3.1 document that the reference shows. What it cannot show it refuses, so that nothing is left out silently. */
import { z } from 'zod';

/** A JSON Schema, as far as our documents use it. */
export const jsonSchemaSchema = z.strictObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  examples: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), jsonSchemaSchema).optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), jsonSchemaSchema]).optional();
  },
  get propertyNames() {
    return jsonSchemaSchema.optional();
  },
  get items() {
    return jsonSchemaSchema.optional();
  },
  get anyOf() {
    return z.array(jsonSchemaSchema).optional();
  },
  get oneOf() {
    return z.array(jsonSchemaSchema).optional();
  },
  get allOf() {
    return z.array(jsonSchemaSchema).optional();
  },
});
export type JsonSchema = z.output<typeof jsonSchemaSchema>;

const parameterSchema = z.strictObject({
  name: z.string(),
  in: z.enum(['query', 'path', 'header']),
  description: z.string(),
  required: z.boolean().default(false),
  schema: jsonSchemaSchema,
  example: z.string().optional(),
});
export type Parameter = z.output<typeof parameterSchema>;

const contentSchema = z.record(z.string(), z.strictObject({ schema: jsonSchemaSchema.optional() }));
export type Content = z.output<typeof contentSchema>;

const responseSchema = z.strictObject({
  $ref: z.string().optional(),
  description: z.string().optional(),
  headers: z.record(z.string(), z.unknown()).default({}),
  content: contentSchema.default({}),
});
export type ResponseObject = z.output<typeof responseSchema>;

const operationSchema = z.strictObject({
  operationId: z.string(),
  tags: z.tuple([z.string()]),
  summary: z.string(),
  security: z.array(z.unknown()),
  'x-required-scope': z.string().optional(),
  parameters: z.array(parameterSchema).default([]),
  requestBody: z.strictObject({ required: z.boolean(), content: contentSchema }).optional(),
  responses: z.record(z.string(), responseSchema),
});
export type Operation = z.output<typeof operationSchema>;

export const openApiDocumentSchema = z.object({
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), jsonSchemaSchema) }),
});
export type OpenApiDocument = z.output<typeof openApiDocumentSchema>;

/** Name of the schema that `#/components/schemas/Job` refers to. */
export const nameOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);
