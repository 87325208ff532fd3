/** Outcomes as tables: means over the seeds with the least and the most, sums over the scenarios, and who was better where. */
import { mean, type Outcome } from './simulate.ts';

const unique = (names: readonly string[]): string[] => [...new Set(names)];

const range = (numbers: readonly number[], digits: number): string => {
  const [least, most] = [Math.min(...numbers).toFixed(digits), Math.max(...numbers).toFixed(digits)];
  return least === most ? least : `${mean(numbers).toFixed(digits)} (${least}–${most})`;
};

const cells = (outcomes: readonly Outcome[]): string[] => [
  range(
    outcomes.map(({ busyPicked }) => busyPicked),
    0,
  ),
  range(
    outcomes.map(({ killed }) => killed),
    0,
  ),
  range(
    outcomes.map(({ started }) => started),
    0,
  ),
  range(
    outcomes.map(({ podMinutes }) => podMinutes),
    0,
  ),
  range(
    outcomes.map(({ meanWaitSeconds }) => meanWaitSeconds),
    1,
  ),
  range(
    outcomes.map(({ p95WaitSeconds }) => p95WaitSeconds),
    1,
  ),
];

const measures = ['busy picked', 'killed', 'started', 'pod-minutes', 'mean wait s', 'p95 wait s'];

export const scenarioRows = (outcomes: readonly Outcome[]): string[][] => [
  ['scenario', 'autoscaler', ...measures],
  ...unique(outcomes.map(({ scenario }) => scenario)).flatMap((scenario) =>
    unique(outcomes.map(({ autoscaler }) => autoscaler)).map((autoscaler, index) => [
      index === 0 ? scenario : '',
      autoscaler,
      ...cells(outcomes.filter((each) => each.scenario === scenario && each.autoscaler === autoscaler)),
    ]),
  ),
];

/** One seed through all scenarios: counts and pod-minutes are summed, waits are averaged over the scenarios. */
const through = (outcomes: readonly Outcome[], seed: number): Outcome | undefined => {
  const own = outcomes.filter((each) => each.seed === seed);
  const [first] = own;
  const sum = (of: (each: Outcome) => number): number => own.reduce((total, each) => total + of(each), 0);
  return (
    first && {
      ...first,
      busyPicked: sum((each) => each.busyPicked),
      killed: sum((each) => each.killed),
      started: sum((each) => each.started),
      podMinutes: sum((each) => each.podMinutes),
      meanWaitSeconds: mean(own.map((each) => each.meanWaitSeconds)),
      p95WaitSeconds: mean(own.map((each) => each.p95WaitSeconds)),
    }
  );
};

export const sumRows = (outcomes: readonly Outcome[], seeds: readonly number[]): string[][] => [
  ['all scenarios', ...measures],
  ...unique(outcomes.map(({ autoscaler }) => autoscaler)).map((autoscaler) => {
    const own = outcomes.filter((each) => each.autoscaler === autoscaler);
    return [
      autoscaler,
      ...cells(seeds.map((seed) => through(own, seed)).filter((each) => each !== undefined)),
    ];
  }),
];

/** Below 0, 0 or above: fewer pod-minutes, and a shorter p95 wait. */
const compare = (one: Outcome, other: Outcome): readonly [pods: number, wait: number] => [
  Math.sign(one.podMinutes - other.podMinutes),
  Math.sign(one.p95WaitSeconds - other.p95WaitSeconds),
];

/** Run against run, same scenario and seed, by the bare numbers. */
export const duelRows = (outcomes: readonly Outcome[], champion: string): string[][] => {
  const own = outcomes.filter(({ autoscaler }) => autoscaler === champion);
  const rivals = unique(outcomes.map(({ autoscaler }) => autoscaler)).filter((name) => name !== champion);
  return [
    [
      `${champion} against`,
      'runs',
      'better in both',
      'worse in both',
      'fewer pods, longer p95',
      'more pods, shorter p95',
      'equal in one',
    ],
    ...rivals.map((rival) => {
      const duels = own.flatMap((one) =>
        outcomes
          .filter(
            (other) =>
              other.autoscaler === rival && other.scenario === one.scenario && other.seed === one.seed,
          )
          .map((other) => compare(one, other).join()),
      );
      const count = (result: string): string => String(duels.filter((duel) => duel === result).length);
      const equal = duels.filter((duel) => duel.split(',').includes('0')).length;
      return [
        rival,
        String(duels.length),
        count('-1,-1'),
        count('1,1'),
        count('-1,1'),
        count('1,-1'),
        String(equal),
      ];
    }),
  ];
};
