/** Writes a line when something has changed: a step, a refusal, a source lost or back, another reason to hold. Nothing on a quiet tick. */
import type { Logger } from '@factorial/core/ops/logger';
import type { Act } from '../act.ts';
import type { TickReport } from '../control-loop.ts';
import type { Reading } from '../readings/reading.ts';

type Sources = Record<string, Reading<unknown>>;

const logSources = (logger: Logger, known: Map<string, string>, sources: Sources): void => {
  for (const [source, reading] of Object.entries(sources)) {
    const word = reading.ok ? 'ok' : reading.reason;
    const before = known.get(source) ?? 'ok';
    known.set(source, word);
    if (word === before) continue;
    if (reading.ok) logger.info({ source }, 'source is back');
    else logger.warn({ source, reason: reading.reason }, 'source is lost');
  }
};

const logStep = (
  logger: Logger,
  step: Extract<Act, { did: 'scaled' }>,
  { decision, plan }: TickReport,
): void => {
  logger.info({ ...step, reason: decision.reason, plan }, 'scaled');
  if (step.wrongVictims.length > 0) logger.warn({ wrongVictims: step.wrongVictims }, 'wrong victims');
};

/** What a tick comes down to; two ticks of the same one are not told twice. */
const gistOf = ({ decision, act }: TickReport): Record<string, unknown> => ({
  decision: decision.kind,
  reason: decision.reason,
  ...(decision.kind === 'scale' ? { restricted: decision.restricted } : { detail: decision.detail }),
  ...act,
});

export const createChangeLog = (logger: Logger): ((report: TickReport) => void) => {
  const known = new Map<string, string>();
  let gist = '';
  return (report) => {
    logSources(logger, known, { ...report.readings });
    const { act } = report;
    if (act.did === 'scaled') logStep(logger, act, report);
    const now = gistOf(report);
    if (JSON.stringify(now) !== gist && act.did !== 'scaled') logger.info(now, 'decided');
    gist = JSON.stringify(now);
  };
};
