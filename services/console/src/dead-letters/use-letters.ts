/** The dead letters, read page after page into one list. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/api-error.ts';
import type { DeadLetter } from '../api/schemas.ts';
import { useApi } from '../session/session-context.ts';

interface State {
  /** Undefined until the first answer. */
  letters: readonly DeadLetter[] | undefined;
  nextPageToken: string | undefined;
  /** Those in the broker that there is no room for in the list. */
  uncollected: number;
  error: ApiError | undefined;
}

export interface Letters extends State {
  isBusy: boolean;
  reload: () => Promise<void>;
  more: () => Promise<void>;
}

const nothing: State = { letters: undefined, nextPageToken: undefined, uncollected: 0, error: undefined };

export const useLetters = (): Letters => {
  const api = useApi();
  const [state, setState] = useState(nothing);
  const [isBusy, setBusy] = useState(false);

  /** @param before what the page is added to. */
  const read = useCallback(
    async (pageToken: string | undefined, before: readonly DeadLetter[]) => {
      setBusy(true);
      try {
        const { deadLetters, nextPageToken, uncollected } = await api.deadLetters(pageToken);
        setState({ letters: [...before, ...deadLetters], nextPageToken, uncollected, error: undefined });
      } catch (thrown) {
        setState((known) => ({ ...known, error: asApiError(thrown) }));
      } finally {
        setBusy(false);
      }
    },
    [api],
  );

  const reload = useCallback(async () => read(undefined, []), [read]);
  useEffect(() => void reload(), [reload]);
  return {
    ...state,
    isBusy,
    reload,
    more: async () => read(state.nextPageToken, state.letters ?? []),
  };
};
