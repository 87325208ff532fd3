/** The error for input that breaks rules: names the first fault in its sentence and all of them in its list. */
import { AppError, type FieldError } from '@factorial/core/errors/app-error';

export const summarizeFaults = (faults: readonly FieldError[]): string => {
  const [first] = faults;
  const rest = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return first === undefined
    ? 'The input breaks a rule.'
    : `${first.pointer || 'The body'}: ${first.detail}${rest}.`;
};

/** As many as help: an answer must not be larger than what it answers. */
const mostFaults = 20;
const longestPointer = 200;

/** The first faults, with pointers of a length that can be read. */
export const shownFaults = (faults: readonly FieldError[]): FieldError[] =>
  faults.slice(0, mostFaults).map(({ pointer, detail }) => ({
    pointer: pointer.slice(0, longestPointer),
    detail: detail.slice(0, 2 * longestPointer),
  }));

export const invalidInput = (faults: readonly FieldError[]): AppError => {
  const errors = shownFaults(faults);
  const more = faults.length - errors.length;
  return new AppError('invalid-input', summarizeFaults(errors), {
    errors,
    ...(more > 0 ? { extensions: { furtherErrors: more } } : {}),
  });
};
