import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';

/** The newest value, for what was started with an older one. */
export const useLatest = <Value>(value: Value): RefObject<Value> => {
  const ref = useRef(value);
  ref.current = value;
  return ref;
};
