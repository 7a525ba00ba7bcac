import { once } from "node:events";
import * as http from "node:http";

/** What answers port 80 in place of a gateway. */
export interface Responder {
  /** Tokens that were asked for, in order. */
  asked: string[];
  /** What it says to a token; may be changed in a test. */
  answer: (token: string) => string;
  stop(): Promise<void>;
}

/** Answers every HTTP-01 token with `<token>.<thumbprint>`, as the gateways do. */
export async function startResponder(port: number, thumbprint: string): Promise<Responder> {
  const responder: Responder = {
    asked: [],
    answer: (token) => `${token}.${thumbprint}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const server = http.createServer((request, response) => {
    const token = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]+)$/.exec(request.url ?? "")?.[1];
    if (token === undefined) {
      response.writeHead(404).end();
      return;
    }
    responder.asked.push(token);
    response.writeHead(200, { "Content-Type": "text/plain", Connection: "close" }).end(responder.answer(token));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return responder;
}
