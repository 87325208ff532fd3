import { expect, test } from 'vitest';
import { placeFaults } from './place-faults.ts';
import { schemaToField } from './schema-to-field.ts';

const field = schemaToField({
  type: 'object',
  properties: {
    n: { type: 'integer' },
    'a/b': { type: 'string' },
    free: {},
    rows: { type: 'array', items: { type: 'object', properties: { x: { type: 'number' } } } },
  },
});

const place = (...pointers: string[]) =>
  Object.fromEntries(
    placeFaults(
      field,
      pointers.map((pointer) => ({ pointer, detail: 'is wrong' })),
      ['/labels'],
    ),
  );

test('a fault stands at the field that its pointer names', () => {
  expect(place('/input/n', '/input/a~1b', '/input/rows/2/x', '/input')).toEqual({
    '/input/n': ['is wrong'],
    '/input/a~1b': ['is wrong'],
    '/input/rows/2/x': ['is wrong'],
    '/input': ['is wrong'],
  });
});

test('a fault of something that has no field stands at the one around it, with the way from there', () => {
  expect(place('/input/free/deep/er', '/input/unknown', '/labels/big', '/task')).toEqual({
    '/input/free': ['/deep/er: is wrong'],
    '/input': ['/unknown: is wrong'],
    '/labels': ['/big: is wrong'],
    '': ['/task: is wrong'],
  });
});

test('several faults of one field stand together', () => {
  expect(place('/input/n', '/input/n')).toEqual({ '/input/n': ['is wrong', 'is wrong'] });
});
