/** Files in the order of their names: the reading of a run is the same each time, and what costs a new installation comes when it is cheapest. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export class FixedOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}
