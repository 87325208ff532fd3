/** The few requests of the demo, against the api of `make run`. */
import { z } from 'zod';

const jobSchema = z.object({
  id: z.string(),
  status: z.enum(['queued', 'processing', 'done', 'failed', 'cancelled', 'expired']),
  progress: z.object({ value: z.number(), message: z.string().optional() }).optional(),
  position: z.number().optional(),
  etaSeconds: z.number().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type DemoJob = z.output<typeof jobSchema>;

export interface DemoClient {
  submit: (n: number) => Promise<DemoJob>;
  read: (id: string) => Promise<DemoJob>;
  output: (id: string) => Promise<string>;
}

const timeoutMs = 10_000;

const request = async (url: string, token: string, init: RequestInit = {}): Promise<Response> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
};

export const createDemoClient = (apiUrl: string, token: string): DemoClient => ({
  submit: async (n) => {
    const body = JSON.stringify({ task: 'factorial', input: { n } });
    const answer = await request(`${apiUrl}/v1/jobs`, token, { method: 'POST', body });
    return jobSchema.parse(await answer.json());
  },
  read: async (id) => {
    const answer = await request(`${apiUrl}/v1/jobs/${id}`, token);
    return jobSchema.parse(await answer.json());
  },
  output: async (id) => (await request(`${apiUrl}/v1/jobs/${id}/output`, token)).text(),
});
