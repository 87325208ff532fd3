/** A form's fields, made from a task's JSON Schema. */

interface CommonField {
  label: string;
  description: string | undefined;
  isRequired: boolean;
}

export interface TextField extends CommonField {
  kind: 'text';
  minLength: number;
  maxLength: number | undefined;
  pattern: string | undefined;
  isLong: boolean;
  start: string;
}

export interface NumberField extends CommonField {
  kind: 'number';
  isInteger: boolean;
  minimum: number | undefined;
  maximum: number | undefined;
  /** Neither may the number be equal to these. */
  above: number | undefined;
  below: number | undefined;
  multipleOf: number | undefined;
  start: string;
}

export interface BooleanField extends CommonField {
  kind: 'boolean';
  /** Whether `false` is sent where it is not ticked, and not nothing. */
  sendsFalse: boolean;
  start: boolean;
}

export interface ChoiceField extends CommonField {
  kind: 'choice';
  options: readonly unknown[];
  /** Index of the option chosen first; empty: none. */
  start: string;
}

export interface ListField extends CommonField {
  kind: 'list';
  item: Field;
  minItems: number;
  maxItems: number | undefined;
}

export interface GroupField extends CommonField {
  kind: 'group';
  fields: readonly NamedField[];
}

/** For what no simple field can hold. */
export interface JsonField extends CommonField {
  kind: 'json';
  start: string;
}

export type Field = TextField | NumberField | BooleanField | ChoiceField | ListField | GroupField | JsonField;

export interface NamedField {
  name: string;
  field: Field;
}

/** What is in a field as somebody types: text of a box, the state of a tick, drafts of the parts. */
export type Draft = string | boolean | Draft[] | { [name: string]: Draft };
