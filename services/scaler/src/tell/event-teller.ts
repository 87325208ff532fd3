/** Tells a pool's ticks as Events, one after the other and without keeping the loop waiting. */
import type { TickReport } from '../control-loop.ts';
import type { EventRecorder } from './event-recorder.ts';
import { eventsOf, nothingStands, standingOf } from './pool-events.ts';

export const createEventTeller = (recorder: EventRecorder): ((report: TickReport) => void) => {
  let standing = nothingStands;
  let telling = Promise.resolve();
  return (report) => {
    const events = eventsOf(standing, report);
    standing = standingOf(report, standing);
    for (const event of events) telling = telling.then(async () => recorder.record(event));
  };
};
