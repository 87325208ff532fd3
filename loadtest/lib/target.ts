/** Which systems a load test may be aimed at without being told so. */

/** Strict on purpose: `http://localhost@elsewhere` and `http://localhost.elsewhere` are other machines. */
const localUrl = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?(\/|$)/i;

/** @returns one sentence why this target is refused; undefined when it is not. */
export const refusalOf = (baseUrl: string, allowRemote: boolean): string | undefined =>
  allowRemote || localUrl.test(baseUrl)
    ? undefined
    : `${baseUrl} is not on this machine, and a load test can take down a system that others use: ` +
      'set ALLOW_REMOTE=true if it is yours to load.';
