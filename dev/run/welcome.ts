/** What the person at the terminal needs once everything is up. */

export interface WelcomeInput {
  apiUrl: string;
  token: string;
  /** Names of the tasks. */
  served: readonly string[];
  /** File that holds the token alone. */
  tokenFile: string;
  logDir: string;
  runEnvFile: string;
}

/** The built-in task's first job can be written out; what another task wants is for its schema to say. */
const firstLine = ({ apiUrl, tokenFile, served }: WelcomeInput): string => {
  const auth = `-H "Authorization: Bearer $(cat '${tokenFile}')"`;
  if (!served.includes('factorial'))
    return `The tasks and their inputs:\n\ncurl -sS -w '\\n' ${apiUrl}/v1/tasks ${auth}`;
  const job = `-H 'Content-Type: application/json' -H 'Prefer: wait=20' -d '{"task":"factorial","input":{"n":1000}}'`;
  return `A first job:\n\ncurl -sS -w '\\n' ${apiUrl}/v1/jobs ${auth} ${job}`;
};

/** The curl line reads the token from its file, so that it works in any shell and any directory. */
export const welcome = (input: WelcomeInput): string => `
factorial is up. Ctrl-C stops it.

Console       ${input.apiUrl}/   (sign in with the token below)
Reference     ${input.apiUrl}/docs
Tasks         ${input.served.join(', ')}
Logs          ${input.logDir}/*.log
For scripts   ${input.runEnvFile}   (make demo uses it)

A token for 30 days:

export TOKEN=${input.token}

${firstLine(input)}
`;
