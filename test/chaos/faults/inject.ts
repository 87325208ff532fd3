/** Carries the faults of a schedule out. Each undoes itself; a part that is hit twice takes the blows one after the other. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { TcpProxy } from '@factorial/core/testing/tcp-proxy';
import type { LinkName } from '../../../dev/system/system-links.ts';
import { type Fault, isLinkFault, type LinkFault, type PartFault, type PartName } from '../schedule/fault.ts';
import type { Blow } from '../ledger/recovery.ts';
import { workerOf } from '../processes/find-processes.ts';
import type { ChaosPart } from '../processes/chaos-part.ts';

export interface InjectorDeps {
  /** The parts that this run starts itself. */
  parts: Readonly<Record<Exclude<PartName, 'scaled-worker' | 'runner' | 'janitor'>, ChaosPart>>;
  /** Process ids of those that others start; none is fine. */
  find: Readonly<Record<'scaled-worker' | 'runner' | 'janitor', () => Promise<number[]>>>;
  links: Readonly<Record<LinkName, () => TcpProxy | undefined>>;
  wipeRabbitmq: () => Promise<void>;
  deleteQueue: () => Promise<void>;
  sendPoison: () => Promise<void>;
  setFsyncDelay: (part: 'redis' | 'rabbitmq', ms: number) => Promise<void>;
  /** In [0, 1). */
  random: () => number;
  /** Everything is undone at once. */
  signal: AbortSignal;
}

const isPartName = (target: PartName, deps: InjectorDeps): target is keyof InjectorDeps['parts'] =>
  target in deps.parts;
const isFound = (target: PartName, deps: InjectorDeps): target is keyof InjectorDeps['find'] =>
  target in deps.find;

const send = (pid: number, name: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
};

interface Hit<Kind extends Fault = Fault> {
  fault: Kind;
  blow: Blow;
}

/** One of those there are; whoever started it starts another. @returns whether there was any. */
const hitProcess = async (
  deps: InjectorDeps,
  { fault, blow }: Hit,
  pids: readonly number[],
): Promise<boolean> => {
  const pid = pids[Math.floor(deps.random() * pids.length)];
  if (pid === undefined) return false;
  if (fault.kind === 'kill') {
    await blow.willFall(await workerOf(pid));
    return send(pid, 'SIGKILL');
  }
  if (fault.kind === 'stop') return send(pid, 'SIGTERM');
  const isHit = send(pid, 'SIGSTOP');
  await sleep(fault.lastsMs, deps.signal);
  send(pid, 'SIGCONT');
  return isHit;
};

const hitLink = async (
  proxy: TcpProxy,
  { kind, lastsMs, amount }: LinkFault,
  over: AbortSignal,
): Promise<void> => {
  switch (kind) {
    case 'cut':
      return proxy.cut();
    case 'reset':
      return proxy.resetAnswers(amount);
    case 'slow':
      proxy.slow(amount);
      await sleep(lastsMs, over);
      return proxy.slow(0);
    case 'half-open':
      proxy.freeze();
      await sleep(lastsMs, over);
      return proxy.thaw();
    case 'refuse':
      await proxy.down();
      await sleep(lastsMs, over);
      return proxy.up();
    default:
      return assertNever(kind);
  }
};

const hitPart = async (
  deps: InjectorDeps,
  target: keyof InjectorDeps['parts'],
  { fault: { kind, lastsMs, amount }, blow }: Hit<PartFault>,
): Promise<void> => {
  const part = deps.parts[target];
  switch (kind) {
    case 'kill':
      return part.kill(lastsMs, blow);
    case 'stop':
      return part.stop(lastsMs);
    case 'freeze':
      return part.freeze(lastsMs);
    case 'wipe':
      return part.rebuild(lastsMs, blow, deps.wipeRabbitmq);
    case 'delete-queue':
      return deps.deleteQueue();
    case 'poison':
      return deps.sendPoison();
    case 'slow-disk': {
      const broker = target === 'redis' ? 'redis' : 'rabbitmq';
      await deps.setFsyncDelay(broker, amount);
      await sleep(lastsMs, deps.signal);
      return deps.setFsyncDelay(broker, 0);
    }
    default:
      return assertNever(kind);
  }
};

/** Resolves when the fault is over. @returns whether it met anybody. */
export const inject = async (deps: InjectorDeps, fault: Fault, blow: Blow): Promise<boolean> => {
  if (isLinkFault(fault)) {
    const proxy = deps.links[fault.target]();
    if (proxy) await hitLink(proxy, fault, deps.signal);
    return proxy !== undefined;
  }
  const { target } = fault;
  if (isFound(target, deps)) return hitProcess(deps, { fault, blow }, await deps.find[target]());
  if (isPartName(target, deps)) await hitPart(deps, target, { fault, blow });
  return true;
};
