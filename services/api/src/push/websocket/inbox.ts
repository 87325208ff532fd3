/** What comes in on one WebSocket: frame by frame, in their order. Nothing more is read meanwhile, so that who asks much waits long. */
import type { RawData, WebSocket } from 'ws';

export interface InboxOptions {
  /** Must not throw. */
  handle: (text: string) => Promise<void>;
  /** Answers need room. */
  room: () => Promise<void>;
  onBinary: () => void;
}

export const readFrames = (ws: WebSocket, { handle, room, onBinary }: InboxOptions): void => {
  /** What had arrived before the reading was paused. */
  const frames: string[] = [];
  let isWorking = false;

  const work = async (): Promise<void> => {
    isWorking = true;
    ws.pause();
    for (let frame = frames.shift(); frame !== undefined; frame = frames.shift()) {
      await room();
      if (ws.readyState === ws.OPEN) await handle(frame);
    }
    isWorking = false;
    ws.resume();
  };

  ws.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary) {
      onBinary();
      return;
    }
    // Of the kinds of data that the library knows, this is the one that it is set to give.
    if (Buffer.isBuffer(data)) frames.push(data.toString());
    if (!isWorking) void work();
  });
};
