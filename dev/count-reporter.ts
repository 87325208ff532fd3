/** A vitest reporter whose last line is the count of all tests: `12 passed, 0 failed`, with `, 1 skipped` where some were. */
import type { Reporter, TestModule } from 'vitest/node';

const countStates = (modules: readonly TestModule[]): Record<'passed' | 'failed' | 'skipped', number> => {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    // A file that fails to load or to collect has no tests of its own, and must not look like success.
    if (module.state() === 'failed' && module.errors().length > 0) counts.failed += 1;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'pending' ? 'failed' : state] += 1;
    }
  }
  return counts;
};

export default class CountReporter implements Reporter {
  /** What is said when the run breaks off before its end, in the global setup for example. */
  #lastLine = '0 passed, 1 failed';

  /** Coverage tables and the teardown's talk come after the run's end: only the process's end is after all of them. */
  onInit(): void {
    process.once('exit', () => process.stdout.write(`${this.#lastLine}\n`));
  }

  /** An error outside every test fails the run, so it counts as one failure. */
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const { passed, failed, skipped } = countStates(modules);
    const told = `${passed} passed, ${failed + unhandledErrors.length} failed`;
    this.#lastLine = skipped > 0 ? `${told}, ${skipped} skipped` : told;
  }
}
