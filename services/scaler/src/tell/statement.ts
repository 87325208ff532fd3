/** Tells the api what a tick has decided, in the words that it shows to who asks why there are as many workers as there are. */
import type { ScalerStatement } from '@factorial/core/internal/protocol';
import type { TickReport } from '../control-loop.ts';
import type { InternalApiClient } from '../internal-api.ts';

export const statementOf = ({ decision }: TickReport): ScalerStatement =>
  decision.kind === 'hold'
    ? { decision: 'hold', reason: `${decision.reason}: ${decision.detail}`.slice(0, 200) }
    : {
        decision: 'scale',
        reason: decision.reason,
        replicas: decision.replicas,
        ...(decision.restricted === undefined ? {} : { restricted: decision.restricted }),
      };

/** The tick after a step finds the number steady. Why it changed is told for so long that the api's samples, one every 5 s, have it. */
const stepToldMs = 6_000;

interface Step {
  at: number;
  statement: ScalerStatement;
}

const isStep = ({ decision }: TickReport): boolean =>
  decision.kind === 'scale' && decision.reason !== 'steady';

/** @param step the last one. */
const isStillNews = ({ decision, at }: TickReport, step: Step): boolean =>
  decision.kind === 'scale' &&
  decision.reason === 'steady' &&
  decision.replicas === step.statement.replicas &&
  at - step.at < stepToldMs;

export interface StatementTellerDeps {
  api: Pick<InternalApiClient, 'state'>;
  timeoutMs: number;
}

/** A tick that was cut short is not told: another scaler's decision may stand there by now. */
export const createStatementTeller = ({
  api,
  timeoutMs,
}: StatementTellerDeps): ((report: TickReport) => void) => {
  let step: Step | undefined;
  return (report) => {
    if (report.cutShort) return;
    if (isStep(report)) step = { at: report.at, statement: statementOf(report) };
    const statement = step && isStillNews(report, step) ? step.statement : statementOf(report);
    void api.state(statement, AbortSignal.timeout(timeoutMs));
  };
};
