/** A thread in the runner that ends the whole process when its worker is gone, however deep the task is in its computation. */
import { workerData } from 'node:worker_threads';

const parentId: unknown = workerData;

/** How long a runner may outlive its worker, in milliseconds. */
const lookEveryMs = 500;

setInterval(() => {
  if (process.ppid !== parentId) process.kill(process.pid, 'SIGKILL');
}, lookEveryMs);
