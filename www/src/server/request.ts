/** Requests to the server. Whatever goes wrong is a `CallError`, as it is with calls of the worker. */
import { CallError } from '../worker/client.ts';
import type { Failure } from '../worker/protocol.ts';
import { ADVICE } from './advice.ts';
import { authorization, serverUrl, wantsToken } from './session.ts';
import type { ErrorEnvelope } from './types.ts';

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** The response to a request below `api/`, where it is a good one. */
export async function request(path: string, { method = 'GET', body, headers, signal }: RequestOptions = {}): Promise<Response> {
  const init: RequestInit = {
    method,
    headers: { ...authorization(), ...(body && { 'content-type': 'application/json' }), ...headers },
    cache: 'no-store',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  };
  let response: Response;
  try {
    response = await fetch(serverUrl(`api/${path}`), init);
  } catch (error) {
    throw new CallError(signal?.aborted ? CANCELLED : unreachable(error));
  }
  if (response.ok) return response;
  throw refused(response.status, await response.text().catch(() => ''));
}

/** The JSON of a good response. */
export async function requestJson<T>(path: string, options?: RequestOptions): Promise<T> {
  const response = await request(path, options);
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new CallError(options?.signal?.aborted ? CANCELLED : unreachable(error));
  }
}

/** What a response that is not a good one comes to. Where it asks for a token, the page will. */
export function refused(status: number, text: string, todo = ADVICE): CallError {
  if (status === 401) wantsToken.value = true;
  return new CallError(failureOfEnvelope(envelopeIn(text), status, todo));
}

/** An error of the server as a failure: its details say where. */
export function failureOfEnvelope(envelope: Partial<ErrorEnvelope>, status: number, advice = ADVICE): Failure {
  const { code, offset, path, collection } = envelope.details ?? {};
  const todo = advice[String(code)] ?? advice[envelope.error_type ?? ''];
  return {
    code: envelope.error_type ?? `http_${status}`,
    message: envelope.message ?? `the server answered ${status}`,
    ...(typeof offset === 'number' && { offset }),
    ...(typeof path === 'string' && { path }),
    ...(typeof collection === 'string' && { collection }),
    todo,
  };
}

export const CANCELLED: Failure = { code: 'cancelled', message: 'cancelled' };

export function unreachable(error: unknown): Failure {
  const message = `The server does not answer (${error instanceof Error ? error.message : String(error)})`;
  return { code: 'server_unreachable', message, todo: ADVICE['server_unreachable'] };
}

function envelopeIn(text: string): Partial<ErrorEnvelope> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
