/** Is there an api, is it ours, and does its clock agree with ours? */
import { inWords } from '../durations.ts';
import type { Answered } from './ask-api.ts';
import { fault, type Finding, ok, skipped, warning } from './finding.ts';

/** Of the interface that this program speaks. */
const knownVersion = '1';

const judgeVersion = (apiUrl: string, version: string, tookMs: number): Finding =>
  version === knownVersion
    ? ok('api', `${apiUrl} answers in ${Math.round(tookMs)} ms, version ${version}`)
    : warning('api', 'other-version', [
        `The api speaks version ${version}, this program ${knownVersion}.`,
        'Take the client of the same version as the api.',
      ]);

/** The api tolerates 30 s when it checks a token's times. */
const toleratedMs = 30_000;
/** What two clocks that are set by the network do not differ by. */
const unusualMs = 3_000;

const judgeClock = (aheadMs: number | undefined): Finding => {
  if (aheadMs === undefined) return skipped('clock', 'The answer has no Date header.');
  const apartMs = Math.abs(aheadMs);
  if (apartMs <= unusualMs) return ok('clock', "this machine's and the api's agree");
  const says = `This machine's clock is ${inWords(apartMs / 1_000)} ${aheadMs > 0 ? 'behind' : 'ahead of'} the api's.`;
  const mend =
    'Let NTP set both clocks (timedatectl set-ntp true): tokens made here count as expired, or not yet good.';
  return apartMs > toleratedMs
    ? fault('clock', 'clock-off', [says, mend])
    : warning('clock', 'clock-drifts', [says, mend]);
};

const unreachable = (apiUrl: string, reason: string): Finding =>
  fault('api', 'unreachable', [
    `${apiUrl} does not answer: ${reason}.`,
    'Start the api (`make run`, or look at its pods), or mend API_URL: host, port, http or https.',
  ]);

const stranger = (apiUrl: string, { status, what }: { status: number; what: string }): Finding =>
  fault('api', 'not-factorial', [
    `Something else answers at ${apiUrl}: ${status}, ${what}.`,
    "Mend API_URL: it is the public port's address (8080 unless set otherwise), with no path behind it.",
  ]);

export const judgeApi = (apiUrl: string | undefined, answered: Answered | undefined): Finding[] => {
  if (apiUrl === undefined || answered === undefined) {
    const texts = [
      'Nobody said where the api is.',
      'Set API_URL or give --api-url: `make run` writes it to .local/run.env.',
    ] as const;
    return [fault('api', 'no-api-url', texts)];
  }
  if (answered.kind === 'ours') {
    return [judgeVersion(apiUrl, answered.version, answered.tookMs), judgeClock(answered.aheadMs)];
  }
  return [
    answered.kind === 'unreachable' ? unreachable(apiUrl, answered.reason) : stranger(apiUrl, answered),
  ];
};
