/** An error as the person at the terminal needs it: what is wrong, where, and what to do. */
import { FactorialError, JobFailedError } from '../errors.ts';
import { exitCodes, exitCodeFor, UsageError } from './exit-codes.ts';

const known = ({ problem }: FactorialError): string[] => {
  const names: unknown = problem?.['knownTasks'] ?? problem?.['knownPools'];
  return Array.isArray(names) && names.length > 0 ? [`there are: ${names.join(', ')}`] : [];
};

const advice = (error: FactorialError): string[] => {
  const code = exitCodeFor(error);
  if (code === exitCodes.unreachable)
    return ['Is the api up, and is API_URL right? `factorial doctor` looks.'];
  if (code === exitCodes.unauthorized) return ['`factorial doctor` says what is wrong with the token.'];
  return error.retryAfterSeconds === undefined ? [] : [`Try again in ${error.retryAfterSeconds} s.`];
};

const refusal = (error: FactorialError): string[] => {
  const faults = error.errors?.map(({ pointer, detail }) => `  ${pointer}: ${detail}`) ?? [];
  const head = faults.length > 0 ? (error.title ?? error.message) : error.message;
  return [`${head} (${error.code})`, ...faults, ...known(error), ...advice(error)];
};

export const explainError = (error: unknown): string => {
  if (error instanceof FactorialError) return refusal(error).join('\n');
  if (error instanceof JobFailedError || error instanceof UsageError) return error.message;
  return error instanceof Error ? `this should not happen: ${error.stack ?? error.message}` : String(error);
};

/** The same for programs, with `--json`. */
export const errorAsJson = (error: unknown): string => {
  if (error instanceof FactorialError) {
    const { code, status, message, errors, retryAfterSeconds } = error;
    return JSON.stringify({ error: { code, status, message, errors, retryAfterSeconds } });
  }
  const code = error instanceof JobFailedError ? error.code : error instanceof UsageError ? 'usage' : 'fault';
  return JSON.stringify({ error: { code, message: error instanceof Error ? error.message : String(error) } });
};
