import { expect, test } from 'vitest';
import { asParts, startDraft } from './draft.ts';
import type { Draft } from './field.ts';
import { schemaToField } from './schema-to-field.ts';
import { optionalNames, skeletonOf } from './skeleton.ts';

const field = schemaToField({
  type: 'object',
  properties: {
    prompt: { type: 'string', minLength: 1 },
    count: { type: 'integer', minimum: 3 },
    loud: { type: 'boolean' },
    colour: { enum: ['rot', 'grün'] },
    tags: { type: 'array', items: { type: 'string' }, minItems: 1 },
    size: { type: 'object', properties: { width: { type: 'number' } }, required: ['width'] },
    free: {},
    note: { type: 'string' },
    times: { type: 'integer', default: 2 },
    place: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] },
  },
  required: ['prompt', 'count', 'loud', 'colour', 'tags', 'size', 'free'],
});

const blank = startDraft(field);
const typed = (parts: Readonly<Record<string, Draft>>): Draft => ({ ...asParts(blank), ...parts });

test('an empty form becomes what has to be there, and what has a default', () => {
  expect(skeletonOf(field, blank)).toEqual({
    prompt: '',
    count: 3,
    loud: false,
    colour: 'rot',
    tags: [''],
    size: { width: 0 },
    free: null,
    times: 2,
  });
});

test('what is typed is taken along, right or wrong', () => {
  const draft = typed({
    prompt: 'x',
    count: '1',
    loud: true,
    colour: '1',
    tags: ['a', 'b'],
    free: '{"y": 1}',
    note: 'hm',
    place: { x: '4' },
  });
  expect(skeletonOf(field, draft)).toEqual({
    prompt: 'x',
    count: 1,
    loud: true,
    colour: 'grün',
    tags: ['a', 'b'],
    size: { width: 0 },
    free: { y: 1 },
    note: 'hm',
    times: 2,
    place: { x: 4 },
  });
});

test('what is no number gives way to one', () => {
  expect(skeletonOf(schemaToField({ type: 'integer' }), 'many')).toBe(0);
});

test('what may be left out can be named', () => {
  expect(optionalNames(field)).toEqual(['note', 'times', 'place']);
  expect(optionalNames(schemaToField({ type: 'string' }))).toEqual([]);
});
