import { expect, test } from 'vitest';
import { luaMutants } from './lua-mutants.ts';

test('breaks each condition both ways and nothing else', () => {
  const source = "-- if this then that\nlocal a = 1\nif a == 1 then return { 'OK' } end\nreturn a";
  const mutants = luaMutants('x.lua', source);
  expect(mutants.map(({ line, becomes, condition }) => [line, becomes, condition])).toEqual([
    [3, 'true', 'a == 1'],
    [3, 'false', 'a == 1'],
  ]);
  expect(mutants[0]?.source).toBe(
    "-- if this then that\nlocal a = 1\nif true then return { 'OK' } end\nreturn a",
  );
});
