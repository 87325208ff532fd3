/** A tick's decision in the words that the api shows to who asks why there are as many workers as there are. */
import type { ScalerStatement } from '@factorial/core/internal/protocol';
import type { TickReport } from '../control-loop.ts';

export const statementOf = ({ decision }: TickReport): ScalerStatement =>
  decision.kind === 'hold'
    ? { decision: 'hold', reason: `${decision.reason}: ${decision.detail}`.slice(0, 200) }
    : {
        decision: 'scale',
        reason: decision.reason,
        replicas: decision.replicas,
        ...(decision.restricted === undefined ? {} : { restricted: decision.restricted }),
      };
