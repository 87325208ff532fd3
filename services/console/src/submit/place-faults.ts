/** Puts each fault where somebody can mend it: at its field, else at the next one around it. */
import type { FieldFault } from '../api/schemas.ts';
import { childPointer } from './draft.ts';
import type { Field } from './field.ts';

/** By pointer of the field; those at '' belong to no field of the form. */
export type PlacedFaults = ReadonlyMap<string, readonly string[]>;

/** Whether there is such a field, however long its lists are. */
const holds = (field: Field, pointer: string, rest: readonly string[]): boolean => {
  const [name, ...further] = rest;
  if (name === undefined) return true;
  if (field.kind === 'list') return holds(field.item, childPointer(pointer, name), further);
  if (field.kind !== 'group') return false;
  const part = field.fields.find((one) => childPointer('', one.name) === `/${name}`);
  return part !== undefined && holds(part.field, childPointer(pointer, name), further);
};

const parentOf = (pointer: string): string => pointer.slice(0, pointer.lastIndexOf('/'));

const wordsAt = (place: string, { pointer, detail }: FieldFault): string =>
  place === pointer ? detail : `${pointer.slice(place.length)}: ${detail}`;

/** @param field the one of `/input`. @param others pointers of fields besides those of the input. */
export const placeFaults = (
  field: Field,
  faults: readonly FieldFault[],
  others: readonly string[] = [],
): PlacedFaults => {
  const isField = (pointer: string): boolean => {
    if (others.includes(pointer)) return true;
    const [, first, ...rest] = pointer.split('/');
    return first === 'input' && holds(field, '/input', rest);
  };
  const placeOf = (pointer: string): string =>
    pointer === '' || isField(pointer) ? pointer : placeOf(parentOf(pointer));
  const placed = new Map<string, string[]>();
  for (const fault of faults) {
    const place = placeOf(fault.pointer);
    placed.set(place, [...(placed.get(place) ?? []), wordsAt(place, fault)]);
  }
  return placed;
};
