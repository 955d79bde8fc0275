import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface Agents {
  http: HttpAgent;
  https: HttpsAgent;
}

export function newAgents(): Agents {
  return { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
}

/**
 * Posts exact bytes and resolves with the status code once the answer has been read to its end.
 * Rejects on a connection error or after `timeoutMs`. Redirects are not followed: a webhook
 * receiver that redirects has not received anything.
 */
export function postBytes(
  url: string,
  body: Buffer,
  headers: Record<string, string>,
  options: { agents: Agents; timeoutMs: number },
): Promise<number> {
  const secure = url.startsWith('https:');
  const send = secure ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        agent: secure ? options.agents.https : options.agents.http,
        headers: { ...headers, 'content-length': String(body.length) },
        signal: AbortSignal.timeout(options.timeoutMs),
      },
      (answer) => {
        answer.on('error', reject);
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.resume();
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
