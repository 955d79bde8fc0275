import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { RecordingProxy } from './recording.proxy.js';

describe('the recording proxy', () => {
  let target: Server;
  let proxy: RecordingProxy;

  beforeEach(async () => {
    target = createServer((request, response) => {
      void text(request).then((body) => {
        if (body === 'hang up') return response.destroy();
        response.writeHead(402, { 'content-type': 'text/plain', 'x-host': request.headers.host });
        return response.end(`${request.method} ${request.url} ${body}`);
      });
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const address = target.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    proxy = await RecordingProxy.start(`http://127.0.0.1:${address.port}`);
  });

  afterEach(async () => {
    await proxy.stop();
    target.close();
  });

  it('passes requests and answers on, and keeps both', async () => {
    const answer = await fetch(`${proxy.url}/a/b?c=d`, { method: 'POST', body: 'ñ' });
    expect([answer.status, await answer.text()]).toEqual([402, 'POST /a/b?c=d ñ']);
    expect(proxy.exchanges).toMatchObject([
      {
        method: 'POST',
        path: '/a/b',
        query: 'c=d',
        requestBody: 'ñ',
        requestHeaders: { 'content-type': 'text/plain;charset=UTF-8' },
        status: 402,
        answerHeaders: { 'content-type': 'text/plain' },
        answerBody: 'POST /a/b?c=d ñ',
      },
    ]);
  });

  it('hangs up when the server does', async () => {
    await expect(fetch(proxy.url, { method: 'POST', body: 'hang up' })).rejects.toThrow();
    expect(proxy.exchanges).toEqual([]);
  });
});
