/** A program for the tests that lives and dies as a worker does, without doing any work. MODE says how badly it behaves. */
const mode = process.env['MODE'] ?? 'good';
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

if (mode === 'crash') process.exit(3);
process.on('SIGTERM', () => {
  say('asked to stop');
  if (mode !== 'stubborn') process.exit(0);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
say(`started ${process.env['WORKER_ID']} ${process.pid} ${process.env['EXIT_WITH_PARENT']}`);
process.stderr.write(`extra ${process.env['EXTRA'] ?? 'none'}\n`);
