/** An input to go on from as JSON: what is typed, and in the place of what is missing something of the right kind. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { asParts, readDraft, startDraft } from './draft.ts';
import type { Draft, Field, GroupField, NumberField } from './field.ts';

const typedNumber = ({ minimum }: NumberField, draft: Draft): number => {
  const typed = typeof draft === 'string' && draft.trim() !== '' ? Number(draft) : NaN;
  return Number.isFinite(typed) ? typed : (minimum ?? 0);
};

/** Nothing where the field can be left out, and is. */
const partOf = (field: Field, draft: Draft): unknown =>
  field.isRequired || readDraft({ field, draft, pointer: '' }).value !== undefined
    ? skeletonOf(field, draft)
    : undefined;

const groupOf = ({ fields }: GroupField, draft: Draft): unknown => {
  const drafts = asParts(draft);
  const parts = fields.map(({ name, field }) => [name, partOf(field, drafts[name] ?? startDraft(field))]);
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
};

/** Takes along what is typed, also what is wrong with it as far as JSON can hold it. */
export const skeletonOf = (field: Field, draft: Draft): unknown => {
  switch (field.kind) {
    case 'group':
      return groupOf(field, draft);
    case 'list':
      return Array.isArray(draft) ? draft.map((item) => skeletonOf(field.item, item)) : [];
    case 'text':
      return typeof draft === 'string' ? draft : '';
    case 'number':
      return typedNumber(field, draft);
    case 'boolean':
      return draft === true;
    case 'choice':
      // None chosen is '', and that is 0: the first.
      return field.options[Number(draft)];
    case 'json':
      return readDraft({ field, draft, pointer: '' }).value ?? null;
    default:
      return assertNever(field);
  }
};

/** Names at the top that may be left out. */
export const optionalNames = (field: Field): string[] =>
  field.kind === 'group'
    ? field.fields.filter(({ field: part }) => !part.isRequired).map(({ name }) => name)
    : [];
