/** What became of the webhooks of a job; nothing where it has none. */
import { useCallback, useRef, useState } from 'preact/hooks';
import { asApiError } from '../api/api-error.ts';
import type { Delivery } from '../api/schemas.ts';
import { useApi } from '../session/session-context.ts';
import { ago, counted, duration } from '../ui/format.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { useNow } from '../ui/use-now.ts';
import { usePolling } from '../ui/use-polling.ts';

const everyMs = 10_000;

const looks: Readonly<Record<Delivery['status'], { icon: IconName; badge: string; word: string }>> = {
  pending: { icon: 'queued', badge: 'badge-queued', word: 'Pending' },
  delivered: { icon: 'done', badge: 'badge-done', word: 'Delivered' },
  failed: { icon: 'failed', badge: 'badge-failed', word: 'Failed' },
};

const lastTry = ({ attempts }: Delivery): string => {
  const last = attempts.at(-1);
  if (last === undefined) return 'not tried yet';
  const answer = last.error ?? (last.status === undefined ? 'no answer' : `answered ${last.status}`);
  const took = last.durationMs === undefined ? '' : ` in ${duration(last.durationMs / 1_000)}`;
  return `${counted(attempts.length, 'try').replace('trys', 'tries')}, the last ${answer}${took}`;
};

const Item = ({ delivery, now }: { delivery: Delivery; now: number }) => {
  const { icon, badge, word } = looks[delivery.status];
  return (
    <li class="delivery">
      <span class={`badge ${badge}`}>
        <Icon name={icon} /> {word}
      </span>
      <div>
        <p class="delivery-url">
          <strong>{delivery.event}</strong> <span class="mono">{delivery.url}</span>
        </p>
        <p class="hint">
          {lastTry(delivery)}
          {delivery.nextAttemptAt !== undefined &&
            `, the next ${ago(Date.parse(delivery.nextAttemptAt), now)}`}
        </p>
      </div>
    </li>
  );
};

export const WebhooksPanel = ({ id }: { id: string }) => {
  const api = useApi();
  const now = useNow(5_000);
  const [deliveries, setDeliveries] = useState<readonly Delivery[]>([]);
  const isRefused = useRef(false);
  const load = useCallback(
    async (signal: AbortSignal) => {
      if (isRefused.current) return;
      // An api without webhooks has nothing to tell, and that is no fault.
      await api.deliveries(id, signal).then(setDeliveries, (thrown: unknown) => {
        isRefused.current = asApiError(thrown).status === 404;
      });
    },
    [api, id],
  );
  usePolling(load, everyMs);
  if (deliveries.length === 0) return null;
  return (
    <section class="card panel" aria-labelledby="webhooks">
      <h2 id="webhooks">Webhooks</h2>
      <ul class="deliveries">
        {deliveries.map((delivery) => (
          <Item key={delivery.id} delivery={delivery} now={now} />
        ))}
      </ul>
    </section>
  );
};
