import { describe, expect, test } from 'vitest';
import type { Field } from './field.ts';
import { schemaToField } from './schema-to-field.ts';

const partOf = (schema: object, isRequired = false): Field => {
  const required = isRequired ? ['part'] : [];
  const group = schemaToField({ type: 'object', properties: { part: schema }, required });
  if (group.kind !== 'group' || !group.fields[0]) throw new Error('no part');
  return group.fields[0].field;
};

describe('a schema becomes a field', () => {
  test('with its title, its description and whether it has to be filled in', () => {
    const schema = { type: 'string', title: 'Prompt', description: 'What to write about.' };
    expect(partOf(schema, true)).toMatchObject({
      kind: 'text',
      label: 'Prompt',
      description: 'What to write about.',
      isRequired: true,
    });
    expect(partOf({ type: 'string' })).toMatchObject({ label: 'part', isRequired: false });
  });

  test.each<[string, object, object]>([
    ['a string', { type: 'string', maxLength: 40 }, { kind: 'text', isLong: false, maxLength: 40 }],
    ['a long string', { type: 'string', maxLength: 4_000 }, { kind: 'text', isLong: true }],
    [
      'an integer',
      { type: 'integer', minimum: 0, default: 7 },
      { kind: 'number', isInteger: true, start: '7' },
    ],
    ['a number', { type: 'number', exclusiveMaximum: 1 }, { kind: 'number', isInteger: false, below: 1 }],
    ['a boolean', { type: 'boolean', default: true }, { kind: 'boolean', start: true, sendsFalse: true }],
    [
      'an enum',
      { enum: ['a', 3, null], default: 3 },
      { kind: 'choice', options: ['a', 3, null], start: '1' },
    ],
    ['a oneOf of consts', { oneOf: [{ const: 1 }, { const: 2 }] }, { kind: 'choice', options: [1, 2] }],
    ['an array', { type: 'array', items: { type: 'string' }, minItems: 2 }, { kind: 'list', minItems: 2 }],
    ['an object', { properties: { a: { type: 'string' } } }, { kind: 'group' }],
    ['a string or null', { type: ['string', 'null'] }, { kind: 'text' }],
  ])('%s', (...[, schema, field]) => {
    expect(partOf(schema)).toMatchObject(field);
  });

  test.each<[string, object]>([
    ['no type', {}],
    ['several types', { type: ['string', 'number'] }],
    ['branches', { type: 'object', oneOf: [{ required: ['a'] }] }],
    ['free properties', { type: 'object', properties: {}, additionalProperties: { type: 'string' } }],
    ['an object of which nothing is said', { type: 'object' }],
    ['an array of anything', { type: 'array' }],
    ['a reference to elsewhere', { $ref: 'https://example.org/schema' }],
    ['a reference to nothing', { $ref: '#/$defs/nothing' }],
  ])('and a box for JSON where a form cannot show it: %s', (...[, schema]) => {
    expect(partOf(schema).kind).toBe('json');
  });

  test('by a reference within the schema, with what is said beside it', () => {
    const field = schemaToField({
      type: 'object',
      $defs: { size: { type: 'integer', maximum: 10, title: 'Size' } },
      properties: { width: { $ref: '#/$defs/size', title: 'Width' } },
    });
    expect(field).toMatchObject({ fields: [{ field: { kind: 'number', maximum: 10, label: 'Width' } }] });
  });

  test('that ends somewhere when the schema holds itself', () => {
    const tree = { type: 'object', properties: { child: { $ref: '#' } } };
    expect(JSON.stringify(schemaToField(tree))).toContain('"kind":"json"');
  });
});
