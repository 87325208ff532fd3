/** A runner of its own kind, whose heap is far smaller than the memory it may have: it dies by itself, at its first run. */
import { createInterface } from 'node:readline';

const say = (message: object): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);

const fillHeap = (): never => {
  const objects: { text: string }[] = [];
  for (let index = 0; ; index += 1) objects.push({ text: `object ${index}` });
};

for await (const line of createInterface({ input: process.stdin })) {
  if (line.includes('"setup"')) say({ type: 'ready' });
  else if (line.includes('"run"')) fillHeap();
}
