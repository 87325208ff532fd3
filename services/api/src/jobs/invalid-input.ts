/** The error for input that breaks rules: names the first fault in its sentence and all of them in its list. */
import { AppError, type FieldError } from '@factorial/core/errors/app-error';

export const summarizeFaults = (faults: readonly FieldError[]): string => {
  const [first] = faults;
  const rest = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return first === undefined
    ? 'The input breaks a rule.'
    : `${first.pointer || 'The body'}: ${first.detail}${rest}.`;
};

export const invalidInput = (errors: readonly FieldError[]): AppError =>
  new AppError('invalid-input', summarizeFaults(errors), { errors });
