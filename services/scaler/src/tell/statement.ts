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

export interface StatementTellerDeps {
  api: Pick<InternalApiClient, 'state'>;
  timeoutMs: number;
}

/** A tick that was cut short is not told: another scaler's decision may stand there by now. */
export const createStatementTeller =
  ({ api, timeoutMs }: StatementTellerDeps): ((report: TickReport) => void) =>
  (report) => {
    if (!report.cutShort) void api.state(statementOf(report), AbortSignal.timeout(timeoutMs));
  };
