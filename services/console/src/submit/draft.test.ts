import { describe, expect, test } from 'vitest';
import { readDraft, startDraft } from './draft.ts';
import type { Draft } from './field.ts';
import { schemaToField } from './schema-to-field.ts';

const read = (schema: Readonly<Record<string, unknown>>, draft?: Draft) => {
  const field = schemaToField(schema);
  return readDraft({ field, draft: draft ?? startDraft(field), pointer: '/input' });
};

const factorial = {
  type: 'object',
  properties: { n: { type: 'integer', minimum: 0, maximum: 1_000_000 } },
  required: ['n'],
};

describe('a number', () => {
  test.each([
    ['150000', 150_000],
    [' 7 ', 7],
    ['1e3', 1_000],
  ])('typed as %j is %i', (n, value) => {
    expect(read(factorial, { n })).toEqual({ value: { n: value }, faults: [] });
  });

  test.each([
    ['', 'is missing'],
    ['many', 'has to be a number'],
    ['1.5', 'has to be a whole number'],
    ['-1', 'has to be 0 or more'],
    ['1000001', 'has to be at most 1,000,000'],
    ['9007199254740993', 'has to be a whole number'],
  ])('typed as %j is refused at its field', (n, detail) => {
    expect(read(factorial, { n }).faults).toEqual([{ pointer: '/input/n', detail }]);
  });
});

describe('a text', () => {
  const schema = { type: 'string', minLength: 2, maxLength: 3, pattern: '^[a-zäöü]+$' };
  test.each([
    ['ä', 'has to have 2 characters or more'],
    ['abcd', 'may have at most 3 characters'],
    ['a1', 'has to match ^[a-zäöü]+$'],
    ['', 'is missing'],
  ])('of %j is refused', (text, detail) => {
    expect(read(schema, text).faults).toEqual([{ pointer: '/input', detail }]);
  });

  test('is counted in characters, not in halves of them', () => {
    expect(read({ type: 'string', maxLength: 2 }, '😀😀').faults).toEqual([]);
  });
});

describe('an object', () => {
  const schema = {
    type: 'object',
    properties: {
      'a/b': { type: 'string' },
      count: { type: 'integer', default: 3 },
      loud: { type: 'boolean' },
      sure: { type: 'boolean' },
      colour: { enum: ['rot', 'grün'] },
      size: { type: 'object', properties: { width: { type: 'number' } }, required: ['width'] },
      tags: { type: 'array', items: { type: 'string', minLength: 1 } },
    },
    required: ['sure'],
  };

  test('holds defaults and what has to be there, and nothing that was left out', () => {
    expect(read(schema)).toEqual({ value: { count: 3, sure: false }, faults: [] });
  });

  test('holds what was filled in', () => {
    const draft = {
      'a/b': 'x',
      count: '4',
      loud: true,
      sure: true,
      colour: '1',
      size: { width: '2.5' },
      tags: ['eins', 'zwei'],
    };
    expect(read(schema, draft).value).toEqual({
      'a/b': 'x',
      count: 4,
      loud: true,
      sure: true,
      colour: 'grün',
      size: { width: 2.5 },
      tags: ['eins', 'zwei'],
    });
  });

  test('says where each fault lies', () => {
    const draft = { count: 'x', sure: true, size: { width: 'y' }, tags: ['ok', ''] };
    expect(read(schema, draft).faults).toEqual([
      { pointer: '/input/count', detail: 'has to be a number' },
      { pointer: '/input/size/width', detail: 'has to be a number' },
      { pointer: '/input/tags/1', detail: 'is missing' },
    ]);
  });
});

test('a box for JSON takes JSON and nothing else', () => {
  expect(read({}, '{"a": [1]}').value).toEqual({ a: [1] });
  expect(read({}, '{').faults).toMatchObject([{ pointer: '/input' }]);
  expect(read({}, ' ').faults).toEqual([{ pointer: '/input', detail: 'is missing' }]);
});
