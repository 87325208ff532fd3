/** What the process exits with, so that scripts can tell one end from another. */
import { FactorialError, JobFailedError } from '../errors.ts';

export const exitCodes = {
  ok: 0,
  jobFailed: 1,
  usage: 2,
  unreachable: 3,
  unauthorized: 4,
  notFound: 5,
  wrongState: 6,
  refusedForNow: 7,
  fault: 70,
  waitTimeout: 124,
  interrupted: 130,
} as const;

/** The same for people: `factorial --help` prints it. */
export const exitCodesHelp = `Exit codes:
  0    done
  1    the job failed or was cancelled; doctor: something is amiss
  2    wrong usage, an invalid input, no API_URL or TOKEN
  3    the api cannot be reached
  4    no token, one that is refused, or a missing scope
  5    no such job, task or pool, or a job that has expired
  6    the job is not in a state that allows this
  7    refused for now: too many jobs, a full or unreachable queue
  70   a fault of the api, or of this program
  124  --timeout was over
  130  Ctrl-C`;

/** The user asked for what cannot be: a sentence says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const byStatus: Readonly<Record<number, number>> = {
  0: exitCodes.unreachable,
  400: exitCodes.usage,
  401: exitCodes.unauthorized,
  403: exitCodes.unauthorized,
  404: exitCodes.notFound,
  405: exitCodes.usage,
  409: exitCodes.wrongState,
  410: exitCodes.notFound,
  413: exitCodes.usage,
  415: exitCodes.usage,
  422: exitCodes.usage,
  429: exitCodes.refusedForNow,
  502: exitCodes.unreachable,
  503: exitCodes.refusedForNow,
  504: exitCodes.unreachable,
};

const ofRefusal = ({ code, status }: FactorialError): number => {
  if (code === 'wait-timeout') return exitCodes.waitTimeout;
  if (code === 'unexpected-answer') return exitCodes.unreachable;
  return byStatus[status] ?? exitCodes.fault;
};

export const exitCodeFor = (error: unknown): number => {
  if (error instanceof JobFailedError) return exitCodes.jobFailed;
  if (error instanceof UsageError) return exitCodes.usage;
  return error instanceof FactorialError ? ofRefusal(error) : exitCodes.fault;
};
