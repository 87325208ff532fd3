/**
 * `make verify`: explores every bounded world and every unsafe variant, prints tables and writes `.local/model.json`. Fails where the
 * system breaks an invariant, or a variant does not break its own.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatTable } from '../../bench/format-table.ts';
import { boundedWorlds } from './bounded-worlds.ts';
import { checkVariant } from './check-variant.ts';
import { explore, type Exploration } from './explore.ts';
import { liveness, stepInvariants, unharmed, worldInvariants } from './invariants.ts';
import { safeRules } from './rules.ts';
import { variants } from './variants.ts';

const mostStates = 3_000_000;

const timed = <Result>(act: () => Result): { result: Result; seconds: number } => {
  const began = performance.now();
  const result = act();
  return { result, seconds: (performance.now() - began) / 1_000 };
};

const count = (value: number): string => value.toLocaleString('en-US');

const checkWorlds = () =>
  boundedWorlds.map(({ name, bounds, judge }) => {
    const model = { bounds, rules: safeRules };
    const { result, seconds } = timed(() => explore({ model, judge: new Set(judge), maxStates: mostStates }));
    console.log(`${result.violation ? 'BROKEN' : 'sound '}  ${name}: ${count(result.states)} states`);
    return { name, bounds, judge, seconds, ...result };
  });

const checkVariants = () =>
  variants.map((variant) => {
    const { violation, states } = checkVariant(variant);
    const isAsExpected = violation?.invariant === variant.breaks;
    return { ...variant, states, trace: violation?.trace, isAsExpected };
  });

type CheckedWorld = ReturnType<typeof checkWorlds>[number];
type CheckedVariant = ReturnType<typeof checkVariants>[number];

const worldRows = (worlds: readonly CheckedWorld[]): string[][] => [
  ['world', 'faults', 'states', 'transitions', 'depth', 'invariants', 'violations', 's'],
  ...worlds.map(({ name, bounds, judge, seconds, ...found }) => [
    name,
    String(bounds.faults),
    count(found.states),
    count(found.transitions),
    String(found.depth),
    String(judge.length),
    found.violation ? found.violation.invariant : '0',
    seconds.toFixed(1),
  ]),
];

const variantRows = (checked: readonly CheckedVariant[]): string[][] => [
  ['without', 'breaks', 'in steps', ''],
  ...checked.map(({ name, breaks, trace, isAsExpected }) => [
    name,
    breaks ?? 'nothing: it saves time alone',
    trace ? String(trace.length) : '',
    isAsExpected ? '' : 'NOT AS EXPECTED',
  ]),
];

const printTrace = (name: string, trace: readonly string[]): void => {
  console.log(`\n${name}`);
  for (const [index, label] of trace.entries()) console.log(`  ${String(index + 1).padStart(2)} ${label}`);
};

const report = (worlds: readonly CheckedWorld[], checked: readonly CheckedVariant[]): boolean => {
  const all = [...worldInvariants, ...stepInvariants, liveness, unharmed];
  console.log(`\n${formatTable([['invariant', ''], ...all.map(({ name, says }) => [name, says])])}`);
  for (const { name, breaks, trace } of checked) if (trace) printTrace(`${name}: ${breaks}`, trace);
  for (const { name, violation } of worlds) {
    if (violation) printTrace(`VIOLATION in "${name}": ${violation.invariant}`, violation.trace);
  }
  console.log(`\n${formatTable(worldRows(worlds))}\n\n${formatTable(variantRows(checked))}`);
  const broken = worlds.filter(({ violation }) => violation).length;
  const caught = checked.filter(({ breaks, isAsExpected }) => breaks !== undefined && isAsExpected).length;
  const states = worlds.reduce((sum, { states }: Exploration) => sum + states, 0);
  console.log(
    `\n${count(states)} states in ${worlds.length} worlds, ${broken} violations; ${caught} times a rule was left out and its invariant broke`,
  );
  return broken === 0 && checked.every(({ isAsExpected }) => isAsExpected);
};

const worlds = checkWorlds();
const checked = checkVariants();
const isSound = report(worlds, checked);
const localDir = resolve(import.meta.dirname, '../../.local');
await mkdir(localDir, { recursive: true });
const file = resolve(localDir, 'model.json');
await writeFile(
  file,
  `${JSON.stringify({ at: new Date().toISOString(), worlds, variants: checked }, undefined, 2)}\n`,
);
console.log(`written to ${file}`);
process.exitCode = isSound ? 0 : 1;
