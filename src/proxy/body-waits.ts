// Who waits for whom while bodies go: one of both sides is paused or awaited, and has a deadline.
import type { RouteSettings } from '../features/index.ts';
import type { Exchange } from './exchange.ts';
import type { RequestBody } from './request-body.ts';
import type { UpstreamLink } from './upstream-link.ts';

/** Body bytes have come or gone: the upstream takes more, is waited for to take more, or has everything. */
export function followBody(
  exchange: Exchange,
  settings: RouteSettings,
  upstream: UpstreamLink,
  body: RequestBody,
): void {
  const { connection, core, hasAnswered } = exchange;
  if (hasAnswered) {
    // The upstream's deadline is that of its answer now; the rest of the body goes on as it is taken (rule Q4).
    if (body.wantsPause) connection.pauseReading();
    else connection.resumeReading();
    if (exchange.response.mustWait) return;
    if (upstream.isConversation) upstream.deadlineMs = core.deadlines.after(settings.readTimeoutMs);
    awaitRestOfBody(exchange, upstream, body);
  } else if (body.isComplete) {
    connection.awaitNothing();
    upstream.deadlineMs = core.deadlines.after(settings.readTimeoutMs);
  } else if (body.wantsPause) {
    connection.pauseReading();
    connection.awaitNothing();
    upstream.deadlineMs = core.deadlines.after(settings.sendTimeoutMs);
  } else {
    connection.resumeReading();
    // Messages come when there is something to say.
    if (upstream.isConversation) connection.awaitMessage(settings.readTimeoutMs);
    else connection.awaitBody();
    upstream.deadlineMs = Number.POSITIVE_INFINITY;
  }
}

/**
 * While the answer runs and the client reads it: it owes us the rest of its body, unless that is complete or held back by us. In a conversation
 * it owes nothing: whatever either side says is a sign of life, and moves the deadline of the answer.
 */
export function awaitRestOfBody(
  { connection }: Exchange,
  upstream: UpstreamLink,
  body: RequestBody | null,
): void {
  if (body === null || body.isComplete || body.wantsPause || upstream.isConversation)
    connection.awaitNothing();
  else connection.awaitBody();
}

/** More of the answer has to wait: for the client to read, or until its rate allows it. */
export function awaitReading({ connection }: Pick<Exchange, 'connection'>): void {
  if (connection.response.mustWait) connection.awaitSend();
  else connection.awaitNothing();
}
