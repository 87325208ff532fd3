/** A small HTTP server for the tests, which answers whatever a test wants to see survived. */
import { createServer, type RequestListener } from 'node:http';

export interface TestHttpServer {
  url: string;
  /** What was asked, in order: method and path. */
  asked: string[];
  close(): Promise<void>;
}

const urlOf = (address: string | { port: number } | null): string => {
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return `http://127.0.0.1:${address.port}`;
};

export const startHttpServer = async (answer: RequestListener): Promise<TestHttpServer> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const close = async (): Promise<void> => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    await closed.promise;
  };
  return { url: urlOf(server.address()), asked, close };
};
