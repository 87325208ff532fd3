/** An error: what went wrong, what to do about it, and a way to try again. */
import { adviceFor, type ApiError } from '../api/api-error.ts';
import { Icon } from './icon.tsx';

export interface FaultProps {
  error: ApiError;
  retry?: (() => void) | undefined;
}

export const Fault = ({ error, retry }: FaultProps) => (
  <div class="fault" role="alert">
    <Icon name="failed" />
    <div>
      <p class="fault-title">{error.title}</p>
      <p>
        {error.detail} {adviceFor(error)}
      </p>
      {retry && (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  </div>
);
