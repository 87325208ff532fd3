/** What somebody has typed into a form: where it begins, and the input that it comes to. */
import { assertNever } from '@factorial/core/errors/assert-never';
import type { FieldFault } from '../api/schemas.ts';
import { exactly } from '../ui/format.ts';
import type {
  ChoiceField,
  Draft,
  Field,
  GroupField,
  JsonField,
  ListField,
  NumberField,
  TextField,
} from './field.ts';

export const startDraft = (field: Field): Draft => {
  switch (field.kind) {
    case 'text':
    case 'number':
    case 'boolean':
    case 'choice':
    case 'json':
      return field.start;
    case 'list':
      return Array.from({ length: field.minItems }, () => startDraft(field.item));
    case 'group':
      return Object.fromEntries(field.fields.map(({ name, field: part }) => [name, startDraft(part)]));
    default:
      return assertNever(field);
  }
};

/** A value, or nothing where it is left out; and what is wrong. */
export interface Reading {
  value: unknown;
  faults: readonly FieldFault[];
}

const good = (value: unknown): Reading => ({ value, faults: [] });
const absent: Reading = good(undefined);
const bad = (pointer: string, detail: string): Reading => ({
  value: undefined,
  faults: [{ pointer, detail }],
});
const firstFault = (pointer: string, value: unknown, details: readonly (string | false)[]): Reading => {
  const detail = details.find((one) => one !== false);
  return detail === undefined ? good(value) : bad(pointer, detail);
};

export const childPointer = (pointer: string, name: string | number): string =>
  `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

const missing = 'is missing';

/** The api has the last word on a pattern that this browser does not know. */
const fits = (pattern: string, text: string): boolean => {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
};

const readText = (field: TextField, text: string, pointer: string): Reading => {
  const { minLength, maxLength, pattern, isRequired } = field;
  if (text === '' && !isRequired) return absent;
  const { length } = Array.from(text);
  return firstFault(pointer, text, [
    length === 0 && minLength > 0 && missing,
    length < minLength && `has to have ${exactly(minLength)} characters or more`,
    maxLength !== undefined && length > maxLength && `may have at most ${exactly(maxLength)} characters`,
    pattern !== undefined && !fits(pattern, text) && `has to match ${pattern}`,
  ]);
};

const rangeFaults = (field: NumberField, value: number): (string | false)[] => {
  const { minimum = -Infinity, maximum = Infinity, above = -Infinity, below = Infinity } = field;
  return [
    value < minimum && `has to be ${exactly(minimum)} or more`,
    value > maximum && `has to be at most ${exactly(maximum)}`,
    value <= above && `has to be more than ${exactly(above)}`,
    value >= below && `has to be less than ${exactly(below)}`,
  ];
};

/** Of multiples of parts of 1 the api judges: binary fractions are not exact. */
const isMultiple = (value: number, of = 0): boolean => of < 1 || value % of === 0;

const readNumber = (field: NumberField, text: string, pointer: string): Reading => {
  const { multipleOf, isInteger, isRequired } = field;
  const typed = text.trim();
  if (typed === '') return isRequired ? bad(pointer, missing) : absent;
  const value = Number(typed);
  return firstFault(pointer, value, [
    !Number.isFinite(value) && 'has to be a number',
    isInteger && !Number.isSafeInteger(value) && 'has to be a whole number',
    ...rangeFaults(field, value),
    !isMultiple(value, multipleOf) && `has to be a multiple of ${multipleOf}`,
  ]);
};

const readChoice = ({ options, isRequired }: ChoiceField, chosen: string, pointer: string): Reading => {
  if (chosen !== '') return good(options[Number(chosen)]);
  return isRequired ? bad(pointer, missing) : absent;
};

const readJson = ({ isRequired }: JsonField, text: string, pointer: string): Reading => {
  if (text.trim() === '') return isRequired ? bad(pointer, missing) : absent;
  try {
    return good(JSON.parse(text));
  } catch (error) {
    return bad(pointer, `is no JSON: ${error instanceof Error ? error.message : 'it cannot be read'}`);
  }
};

const readList = (field: ListField, drafts: readonly Draft[], pointer: string): Reading => {
  const { item, minItems, maxItems, isRequired } = field;
  if (drafts.length === 0 && !isRequired && minItems === 0) return absent;
  const readings = drafts.map((draft, index) =>
    readDraft({ field: item, draft, pointer: childPointer(pointer, index) }),
  );
  const own = firstFault(pointer, undefined, [
    drafts.length < minItems && `has to have ${exactly(minItems)} items or more`,
    maxItems !== undefined && drafts.length > maxItems && `may have at most ${exactly(maxItems)} items`,
  ]);
  return {
    value: readings.map(({ value }) => value),
    faults: [...own.faults, ...readings.flatMap(({ faults }) => faults)],
  };
};

type Parts = Readonly<Record<string, Draft>>;

/** A group that may be left out is, when nothing in it was filled in. */
const readGroup = ({ fields, isRequired }: GroupField, drafts: Parts, pointer: string): Reading => {
  const readings = fields.map(({ name, field }) => ({
    name,
    ...readDraft({ field, draft: drafts[name] ?? startDraft(field), pointer: childPointer(pointer, name) }),
  }));
  const given = readings.filter(({ value }) => value !== undefined);
  const isUntouched = fields.every(
    ({ name, field }) => JSON.stringify(drafts[name]) === JSON.stringify(startDraft(field)),
  );
  if (!isRequired && given.length === 0 && isUntouched) return absent;
  return {
    value: Object.fromEntries(given.map(({ name, value }) => [name, value])),
    faults: readings.flatMap(({ faults }) => faults),
  };
};

export interface ToRead {
  field: Field;
  draft: Draft;
  /** JSON pointer of this field in the submission. */
  pointer: string;
}

const asText = (draft: Draft): string => (typeof draft === 'string' ? draft : '');
const asList = (draft: Draft): readonly Draft[] => (Array.isArray(draft) ? draft : []);
export const asParts = (draft: Draft): Parts =>
  typeof draft === 'object' && !Array.isArray(draft) ? draft : {};

/** Faults are said here before anything is sent; the api says the same, and more. */
export const readDraft = ({ field, draft, pointer }: ToRead): Reading => {
  switch (field.kind) {
    case 'text':
      return readText(field, asText(draft), pointer);
    case 'number':
      return readNumber(field, asText(draft), pointer);
    case 'boolean':
      return draft === true || field.sendsFalse ? good(draft === true) : absent;
    case 'choice':
      return readChoice(field, asText(draft), pointer);
    case 'json':
      return readJson(field, asText(draft), pointer);
    case 'list':
      return readList(field, asList(draft), pointer);
    case 'group':
      return readGroup(field, asParts(draft), pointer);
    default:
      return assertNever(field);
  }
};
