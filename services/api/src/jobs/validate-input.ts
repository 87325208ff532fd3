/** Checks a job's input by its task's JSON Schema (2020-12), before anything is queued. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FieldError } from '@factorial/core/errors/app-error';
import type { TaskDefinition } from '@factorial/core/tasks/task-definition';

/** More faults than these help nobody. */
const mostErrors = 20;

const compile = (schema: object): ValidateFunction =>
  // An instance of its own: a schema's `$id` may come back with the task's next version.
  new Ajv2020({ allErrors: true, strict: false, validateFormats: false, logger: false }).compile(schema);

/** The property a fault is about, where it is not the one that Ajv points at. */
const childOf = (error: ErrorObject): string => {
  const { keyword } = error;
  const name: unknown =
    keyword === 'required'
      ? error.params['missingProperty']
      : keyword === 'additionalProperties'
        ? error.params['additionalProperty']
        : keyword === 'unevaluatedProperties'
          ? error.params['unevaluatedProperty']
          : undefined;
  return typeof name === 'string' ? `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` : '';
};

const sentence = (error: ErrorObject): string => {
  switch (error.keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not known here';
    default:
      return error.message ?? `breaks the rule ${error.keyword}`;
  }
};

const toFieldError = (error: ErrorObject): FieldError => ({
  pointer: `/input${error.instancePath}${childOf(error)}`,
  detail: sentence(error),
});

/** @returns the faults; none when the input is fine. */
export type ValidateInput = (definition: TaskDefinition, input: unknown) => FieldError[];

/** @returns why the schema cannot be used; undefined when it can. */
export const faultOfSchema = (schema: object): string | undefined => {
  try {
    compile(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be compiled';
  }
};

interface Compiled {
  text: string;
  validate: ValidateFunction;
}

/** Compiles each task's schema once. The registry makes new objects of the same definition: then the texts decide. */
export const createValidateInput = (): ValidateInput => {
  const byDefinition = new WeakMap<TaskDefinition, ValidateFunction>();
  const byName = new Map<string, Compiled>();

  const compiledByText = (definition: TaskDefinition): ValidateFunction => {
    const text = JSON.stringify(definition.input);
    const known = byName.get(definition.name);
    if (known?.text === text) return known.validate;
    const validate = compile(definition.input);
    byName.set(definition.name, { text, validate });
    return validate;
  };

  return (definition, input) => {
    const validate = byDefinition.get(definition) ?? compiledByText(definition);
    byDefinition.set(definition, validate);
    return validate(input) ? [] : (validate.errors ?? []).slice(0, mostErrors).map(toFieldError);
  };
};
