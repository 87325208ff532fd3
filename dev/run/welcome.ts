/** What the person at the terminal needs once everything is up. */

export interface WelcomeInput {
  apiUrl: string;
  token: string;
  /** File that holds the token alone. */
  tokenFile: string;
  logDir: string;
  runEnvFile: string;
}

/** The curl line reads the token from its file, so that it works in any shell and any directory. */
export const welcome = ({ apiUrl, token, tokenFile, logDir, runEnvFile }: WelcomeInput): string => `
factorial is up. Ctrl-C stops it.

Console       ${apiUrl}/
Logs          ${logDir}/*.log
For scripts   ${runEnvFile}   (make demo uses it)

A token for 30 days:

export TOKEN=${token}

A first job:

curl -sS ${apiUrl}/v1/jobs -H "Authorization: Bearer $(cat '${tokenFile}')" -H 'Content-Type: application/json' -H 'Prefer: wait=20' -d '{"task":"factorial","input":{"n":1000}}'
`;
