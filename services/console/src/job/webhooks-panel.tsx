/** What a job's webhook was told, and telling it again. */
import { useCallback, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/api-error.ts';
import type { Delivery } from '../api/schemas.ts';
import { useApi, useMay } from '../session/session-context.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Fault } from '../ui/fault.tsx';
import { ago, elapsed } from '../ui/format.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { useNow } from '../ui/use-now.ts';
import { usePolling } from '../ui/use-polling.ts';

const everyMs = 5_000;

const looks: Readonly<Record<Delivery['status'], { icon: IconName; badge: string; word: string }>> = {
  pending: { icon: 'queued', badge: 'badge-queued', word: 'Pending' },
  delivered: { icon: 'done', badge: 'badge-done', word: 'Delivered' },
  failed: { icon: 'failed', badge: 'badge-failed', word: 'Failed' },
};

const lastTry = ({ attempts }: Delivery): string => {
  const last = attempts.at(-1);
  if (last === undefined) return 'Not tried yet';
  const answer = last.error ?? (last.status === undefined ? 'no answer' : `answered ${last.status}`);
  const took = last.durationMs === undefined ? '' : ` in ${elapsed(last.durationMs / 1_000)}`;
  return `${attempts.length === 1 ? '1 try' : `${attempts.length} tries, the last`}: ${answer}${took}`;
};

interface ItemProps {
  delivery: Delivery;
  now: number;
  replay: ((delivery: Delivery) => void) | undefined;
}

const Item = ({ delivery, now, replay }: ItemProps) => {
  const { icon, badge, word } = looks[delivery.status];
  return (
    <li class="delivery">
      <p class="delivery-head">
        <span class={`badge ${badge}`}>
          <Icon name={icon} /> {word}
        </span>
        <strong>{delivery.event}</strong>
        {replay && delivery.status !== 'pending' && (
          <button type="button" class="button" onClick={() => replay(delivery)}>
            Send again
          </button>
        )}
      </p>
      <p class="delivery-url mono">{delivery.url}</p>
      <p class="hint">
        {lastTry(delivery)}
        {delivery.nextAttemptAt !== undefined && `, the next ${ago(Date.parse(delivery.nextAttemptAt), now)}`}
      </p>
    </li>
  );
};

export const WebhooksPanel = ({ id }: { id: string }) => {
  const api = useApi();
  const announce = useAnnounce();
  const mayWrite = useMay('jobs:write');
  const now = useNow(5_000);
  const [deliveries, setDeliveries] = useState<readonly Delivery[]>([]);
  const [error, setError] = useState<ApiError>();

  const load = useCallback(
    async (signal?: AbortSignal) => {
      try {
        setDeliveries(await api.deliveries(id, signal));
        setError(undefined);
      } catch (thrown) {
        if (signal?.aborted !== true) setError(asApiError(thrown));
      }
    },
    [api, id],
  );
  usePolling(load, everyMs);

  const replay = async (delivery: Delivery): Promise<void> => {
    try {
      await api.replayDelivery(id, delivery.id);
      announce(`Sent again: ${delivery.event}`);
      await load();
    } catch (thrown) {
      setError(asApiError(thrown));
    }
  };

  return (
    <section class="card panel" aria-labelledby="webhooks">
      <h2 id="webhooks">Webhooks</h2>
      {error && <Fault error={error} />}
      {deliveries.length === 0 && <p class="hint">Nothing has been told to it yet.</p>}
      <ul class="deliveries">
        {deliveries.map((delivery) => (
          <Item
            key={delivery.id}
            delivery={delivery}
            now={now}
            replay={mayWrite ? (one) => void replay(one) : undefined}
          />
        ))}
      </ul>
    </section>
  );
};
