/** The variables that a scenario reads: what a container has to be given of the environment. */
export const settingNames = [
  'BASE_URL',
  'TOKEN',
  'SUMMARY_FILE',
  'ALLOW_REMOTE',
  'USERS',
  'ITERATIONS',
  'N_MIN',
  'N_MAX',
  'ARRIVE_SECONDS',
  'LOOK_SECONDS',
  'THINK_SECONDS',
  'SUBMIT_WITHIN_SECONDS',
  'RESULT_WITHIN_SECONDS',
  'SUBMIT_P95_MS',
  'MAX_ERRORS',
];
